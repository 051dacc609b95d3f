//! `frontdesk doctor`: asks every part once and says what to do about those that fail.

use backend::Services;

use crate::config::Config;

/// Prints a line for each part. True when all are well.
pub async fn examine(config: &Config, services: &Services) -> bool {
    let mut well = true;
    let mut tell = |part: &str, outcome: Result<String, String>, cure: &str| {
        let line = match outcome {
            Ok(note) => format!("ok      {part}: {note}\n"),
            Err(problem) => {
                well = false;
                format!("failed  {part}: {problem}\n        {cure}\n")
            }
        };
        // The one place where the program speaks on its standard output.
        let _ = std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes());
    };
    let words = |error: &dyn std::fmt::Display| error.to_string();

    let answers = backend::db::is_reachable(&services.db).await;
    tell(
        "database",
        answers.map(|()| "answers and is migrated".to_owned()).map_err(|error| words(&error)),
        "Check database.url and run `frontdesk migrate`.",
    );

    let identity = services.aws.caller_identity().await;
    let endpoint =
        config.settings.aws.endpoint_url.as_ref().map(|url| format!(", endpoint overridden: {url}")).unwrap_or_default();
    let identity = identity.map(|identity| format!("account {}, {}{endpoint}", identity.account, identity.arn));
    tell("AWS", identity.map_err(|error| words(&error)), "Check the credentials, the Region and the way to AWS.");

    let mail = services.mail.probe().await;
    let mail = mail.map(|production| {
        if production { "production access" } else { "SES sandbox: mails only to verified addresses" }.to_owned()
    });
    tell("mail", mail.map_err(|error| words(&error)), "Allow ses:GetAccount and ses:SendEmail.");

    for domain in services.ad.iter() {
        let bound = domain.probe().await.map(|()| "binds and reads".to_owned());
        tell(
            &format!("Active Directory {}", domain.name()),
            bound.map_err(|error| words(&error)),
            "Check urls, ca_file, bind_dn and bind_password of this domain.",
        );
    }
    let provider = services.oidc.probe().await.map(|()| "found".to_owned());
    tell("sign-in provider", provider.map_err(|error| words(&error)), "Check oidc.issuer.");
    well
}
