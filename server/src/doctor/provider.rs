//! The OpenID provider: what it publishes, and what only a sign-in shows.

use backend::{Services, settings::Groups};

use crate::config::Config;
use model::directories::Finding;

pub(super) async fn examine(config: &Config, services: &Services) -> Vec<Finding> {
    let part = "sign-in provider";
    let provider = match services.oidc.probe().await {
        Ok(provider) => provider,
        Err(fault) => {
            let cure = "Check oidc.issuer, to the letter and with its slash or without, the way there, and its certificate.";
            return vec![Finding::fail(part, fault.to_string(), cure)];
        }
    };
    let mut findings = vec![match provider.keys {
        0 => Finding::fail(part, "publishes no key to check its tokens with", "Look at the provider's jwks_uri."),
        keys => Finding::pass(part, format!("{}, {keys} keys", provider.sign_in)),
    }];
    if !provider.ends_sessions {
        let cure =
            "Whoever signs out of Frontdesk stays signed in there. If it can end sessions, let it publish end_session_endpoint.";
        findings.push(Finding::note(part, "publishes no end_session_endpoint", cure));
    }
    let refresh = match config.settings.access.groups {
        Groups::Token { .. } => ", and that it gives refresh tokens",
        Groups::Directory => "",
    };
    let words =
        format!("whether it knows {} as redirect URI, and our secret{refresh}: only a sign-in shows it", provider.redirect);
    findings.push(Finding::not_asked(part, words));
    findings
}
