//! A database of its own with the roles of `deploy/database-roles.sql`, migrated by its owner.

use sqlx::{PgPool, Row};
use uuid::Uuid;

const SQL: &str = include_str!("../../../../deploy/database-roles.sql");

pub struct Roles {
    admin: PgPool,
    /// The name of the database and of the login of `serve`.
    pub name: String,
    owner: String,
    server: String,
}

impl Roles {
    /// Runs the file as it is, but for the names: the tests share one server.
    pub async fn make(admin: &PgPool) -> Self {
        let unique = Uuid::now_v7().simple().to_string();
        let (name, owner) = (format!("desk_{unique}"), format!("owner_{unique}"));
        let words = SQL.replace("frontdesk_owner", "OWNER").replace("frontdesk_serve", "GROUP");
        let words = words.replace("`frontdesk migrate`", "").replace("frontdesk", &name);
        let words = words.replace("OWNER", &owner).replace("GROUP", "frontdesk_serve");
        for statement in words.split("\n\n") {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))
                .execute(admin)
                .await
                .unwrap_or_else(|error| panic!("{error}: {statement}"));
        }
        let options = admin.connect_options();
        let server = format!("{}:{}", options.get_host(), options.get_port());
        Self { admin: admin.clone(), name, owner, server }
    }

    fn url(&self, role: &str) -> String {
        format!("postgres://{role}@{}/{}", self.server, self.name)
    }

    /// Of `serve` and `worker`.
    pub fn serve_url(&self) -> String {
        self.url(&self.name)
    }

    pub fn owner_url(&self) -> String {
        self.url(&self.owner)
    }

    /// What to write in the configuration that is made for the test's own database.
    pub fn edit(&self) -> (String, String) {
        let options = self.admin.connect_options();
        let database = options.get_database().unwrap();
        let own = format!("database.url = \"postgres://{}@{}/{database}\"", options.get_username(), self.server);
        (own, format!("database.url = \"{}\"\ndatabase.owner_url = \"{}\"", self.serve_url(), self.owner_url()))
    }

    pub async fn forget(self) {
        for statement in [
            format!("drop database {} with (force)", self.name),
            format!("drop role {}", self.name),
            format!("drop role {}", self.owner),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&self.admin).await.unwrap();
        }
    }
}

/// The login of `serve` can do its work, and can't do what it must not.
#[sqlx::test(migrations = false)]
async fn the_login_of_serve_adds_to_the_record_and_changes_nothing_there(admin: PgPool) {
    let roles = Roles::make(&admin).await;
    backend::db::migrate(&roles.owner_url().into()).await.unwrap();
    // A second time, as at each update, and without the right that only the first one needs.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("alter role {} nocreaterole", roles.owner))).execute(&admin).await.unwrap();
    backend::db::migrate(&roles.owner_url().into()).await.unwrap();
    let serve = PgPool::connect(&roles.serve_url()).await.unwrap();
    assert!(backend::db::schema(&serve).await.unwrap().fits());
    let add = "insert into audit (at, operation, phase, action, actor, actor_name, object_kind, object_id, object_name)
               values (now(), gen_random_uuid(), 'attempted', 'sign_in', 's', 'n', 'session', 'i', 'o')";
    sqlx::query(add).execute(&serve).await.unwrap();
    assert_eq!(sqlx::query("select count(*) from audit").fetch_one(&serve).await.unwrap().get::<i64, _>(0), 1);
    let refused = [
        "update audit set actor = 'somebody else'",
        "delete from audit",
        "truncate audit",
        "drop table audit",
        "alter table audit disable trigger all",
        "create table mine (id int)",
        "create temporary table mine (id int)",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (1, '', true, '', 0)",
    ];
    for statement in refused {
        let error = sqlx::query(statement).execute(&serve).await.expect_err(statement);
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("42501"), "{statement}: {error}");
    }
    serve.close().await;
    roles.forget().await;
}
