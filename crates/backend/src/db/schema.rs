//! Whether the database's schema is one that this program can work with.
//!
//! A program needs every migration that it was built with. More than those are no trouble: migrations only ever add
//! ("expand"), and what an older version still uses is taken away a release later ("contract"). So two versions run side by
//! side, and the older one goes on after the newer one has migrated.

use std::fmt;

use sqlx::PgPool;

use super::MIGRATOR;

/// What the database says of its migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// All that this program needs are there, and so many that it does not know.
    Fits { newer: usize },
    /// These are missing.
    Lacks(Vec<i64>),
    /// The role may not read which there are: `migrate` of this version never ran, or the role is not in `frontdesk_serve`.
    Hidden,
    /// There are none at all.
    Empty,
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fits { newer: 0 } => f.write_str("the schema is up to date"),
            Self::Fits { newer } => write!(f, "the schema is newer than this version by {newer}, which is no trouble"),
            Self::Lacks(missing) => {
                let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
                write!(f, "the schema is older than this version, it lacks {}", missing.join(", "))
            }
            Self::Hidden => f.write_str("the role may not read which migrations there are"),
            Self::Empty => f.write_str("the schema is not there"),
        }
    }
}

impl Schema {
    /// Whether this program can work with it.
    pub fn fits(&self) -> bool {
        matches!(self, Self::Fits { .. })
    }
}

/// Compares the database's migrations with those of this program.
///
/// # Errors
/// The database does not answer.
pub async fn schema(db: &PgPool) -> sqlx::Result<Schema> {
    let applied = sqlx::query_scalar::<_, i64>("select version from public._sqlx_migrations where success").fetch_all(db).await;
    let applied = match applied {
        Ok(applied) => applied,
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => return Ok(Schema::Empty),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => return Ok(Schema::Hidden),
        Err(error) => return Err(error),
    };
    let known: Vec<i64> = MIGRATOR.iter().map(|migration| migration.version).collect();
    let missing: Vec<i64> = known.iter().copied().filter(|version| !applied.contains(version)).collect();
    if missing.is_empty() {
        Ok(Schema::Fits { newer: applied.iter().filter(|version| !known.contains(version)).count() })
    } else {
        Ok(Schema::Lacks(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[sqlx::test(migrations = false)]
    async fn a_database_without_migrations_is_told_from_an_older_and_a_newer_one(db: PgPool) {
        assert_eq!(schema(&db).await.unwrap(), Schema::Empty);
        super::super::prepare(&db).await.unwrap();
        assert_eq!(schema(&db).await.unwrap(), Schema::Fits { newer: 0 });
        let insert = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'of tomorrow', true, '', 0)";
        sqlx::query(insert).execute(&db).await.unwrap();
        assert_eq!(schema(&db).await.unwrap(), Schema::Fits { newer: 1 });
        // An older program's `migrate` leaves a newer schema alone.
        super::super::prepare(&db).await.unwrap();
        let last = MIGRATOR.iter().map(|migration| migration.version).max().unwrap();
        sqlx::query("delete from _sqlx_migrations where version = $1").bind(last).execute(&db).await.unwrap();
        assert_eq!(schema(&db).await.unwrap(), Schema::Lacks(vec![last]));
    }

    /// What a migration does that an older version, still running beside, would stumble over.
    fn breaks(sql: &str) -> Option<&'static str> {
        let words =
            sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ").to_lowercase();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let forbidden =
            ["drop table", "drop column", "rename to", "rename column", "set not null", "drop default", "revoke ", "truncate "];
        if let Some(found) = forbidden.into_iter().find(|found| words.contains(found)) {
            return Some(found);
        }
        if words.split("alter column ").skip(1).any(|rest| matches!(rest.split(' ').nth(1), Some("type"))) {
            return Some("alter column type");
        }
        let added = words.split("add column").skip(1).map(|rest| rest.split([',', ';']).next().unwrap_or_default());
        let unfilled = added
            .into_iter()
            .any(|column| column.contains("not null") && !column.contains("default") && !column.contains("generated"));
        unfilled.then_some("a new column that an older version does not fill")
    }

    #[test]
    fn what_breaks_an_older_version_is_noticed() {
        for sql in [
            "alter table a drop column b;",
            "alter table a rename column b to c;",
            "alter table a\n  alter column b\n  set not null;",
            "alter table a alter column b type bigint;",
            "alter table a add column b text not null;",
            "drop table a;",
        ] {
            assert!(breaks(sql).is_some(), "{sql}");
        }
        for sql in [
            "alter table a add column b text;",
            "alter table a add column b int not null default 0, add column c text;",
            "-- drop table a",
        ] {
            assert_eq!(breaks(sql), None, "{sql}");
        }
    }

    /// The rule of `docs/operations.md`, "Upgrade". A migration that takes something away says from which version on nothing
    /// uses it any more: `-- contract: 0.3`.
    #[test]
    fn migrations_only_add_unless_they_say_since_when_nothing_needs_it() {
        for migration in MIGRATOR.iter() {
            let sql = migration.sql.as_str();
            let says_so = sql.lines().any(|line| line.starts_with("-- contract: "));
            assert!(says_so || breaks(sql).is_none(), "{}: {:?}", migration.version, breaks(sql));
        }
    }
}
