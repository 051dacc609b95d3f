//! PostgreSQL: the server, its clock, the schema, and what the role of `serve` may do and may not.

use backend::{
    Services,
    db::{self, Schema, Server},
};

use model::directories::{Finding, readiness::clock_finding};

/// The oldest version that PostgreSQL's makers still look after, as its number is written.
const OLDEST: i32 = 140_000;

pub(super) async fn examine(services: &Services) -> Vec<Finding> {
    let before = services.clock.now();
    let server = match db::examine(&services.db).await {
        Ok(server) => server,
        Err(error) => {
            let cure = "Check database.url, the way to the server, pg_hba.conf there, and whether the role may connect.";
            return vec![Finding::fail("database", error.to_string(), cure)];
        }
    };
    let mut findings = vec![version(&server)];
    findings.push(clock_finding("database's clock", server.now.timestamp(), before.timestamp()));
    if !server.encrypted {
        let cure = "Unless it stays on this machine, add ?sslmode=verify-full&sslrootcert=… to database.url.";
        findings.push(Finding::note("database connection", "not under TLS", cure));
    }
    findings.push(match db::schema(&services.db).await {
        Ok(schema) => of_schema(&schema),
        Err(error) => Finding::fail("database schema", error.to_string(), "Try again."),
    });
    findings.extend(role(&server));
    findings
}

fn version(server: &Server) -> Finding {
    let words = format!("PostgreSQL {}, takes {} connections", server.version, server.max_connections);
    if server.version_number < OLDEST {
        return Finding::fail("database", words, "Use PostgreSQL 14 or newer.");
    }
    Finding::pass("database", format!("{words}; each process opens {} at most", db::MOST_CONNECTIONS))
}

fn of_schema(schema: &Schema) -> Finding {
    let words = schema.to_string();
    match schema {
        Schema::Fits { .. } => Finding::pass("database schema", words),
        Schema::Hidden => {
            let cure = "Run `frontdesk migrate` of this version, and make the role a member of frontdesk_serve.";
            Finding::fail("database schema", words, cure)
        }
        Schema::Lacks(_) | Schema::Empty => Finding::fail("database schema", words, "Run `frontdesk migrate` of this version."),
    }
}

fn role(server: &Server) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut failed = |words: String, cure: &str| findings.push(Finding::fail("database role", words, cure));
    if server.powerful {
        failed(
            format!("{} is a superuser or may make roles or databases", server.role),
            "Let serve and worker sign in as a role that has no rights but those of frontdesk_serve (deploy/database-roles.sql).",
        );
    }
    if server.owned > 0 {
        failed(
            format!("{} owns {} things of the database, so it could change the record", server.role, server.owned),
            "Migrate as the owner (database.owner_url) and let serve sign in as another role (deploy/database-roles.sql).",
        );
    }
    if !server.member {
        failed(
            format!("{} is not in frontdesk_serve", server.role),
            "grant frontdesk_serve to that role; `migrate` makes the group.",
        );
    }
    if server.changes_record == Some(true) && !server.powerful && server.owned == 0 {
        failed(format!("{} may change the record", server.role), "revoke update, delete, truncate on audit from that role.");
    }
    if server.reads_record == Some(false) || server.adds_to_record == Some(false) || server.uses_queue == Some(false) {
        let cure = "grant frontdesk_serve to that role, and run `frontdesk migrate` of this version.";
        failed(format!("{} may not add to the record or use the job queue", server.role), cure);
    }
    if findings.is_empty() {
        let words = format!("{} owns nothing, and may add to the record and read it only", server.role);
        findings.push(Finding::pass("database role", words));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::directories::Outcome;

    fn server() -> Server {
        Server {
            version: "15.8".to_owned(),
            version_number: 150_008,
            encrypted: true,
            now: std::time::SystemTime::UNIX_EPOCH.into(),
            max_connections: 100,
            role: "frontdesk".to_owned(),
            powerful: false,
            owned: 0,
            member: true,
            reads_record: Some(true),
            adds_to_record: Some(true),
            changes_record: Some(false),
            uses_queue: Some(true),
        }
    }

    #[test]
    fn a_role_that_may_more_or_less_than_it_should_is_told() {
        let told = |server: &Server| role(server).iter().map(|finding| finding.seen.as_str()).collect::<String>();
        assert_eq!(role(&server()).len(), 1);
        assert_eq!(role(&server())[0].outcome, Outcome::Pass);
        assert!(told(&Server { changes_record: Some(true), ..server() }).contains("may change the record"));
        assert!(told(&Server { owned: 3, ..server() }).contains("owns 3 things"));
        assert!(told(&Server { powerful: true, ..server() }).contains("is a superuser or"));
        assert!(told(&Server { member: false, ..server() }).contains("is not in frontdesk_serve"));
        assert!(told(&Server { adds_to_record: Some(false), ..server() }).contains("may not add to the record"));
    }

    #[test]
    fn an_old_server_is_told() {
        let old = Server { version: "13.2".to_owned(), version_number: 130_002, ..server() };
        assert_eq!((version(&old).outcome, version(&server()).outcome), (Outcome::Fail, Outcome::Pass));
    }
}
