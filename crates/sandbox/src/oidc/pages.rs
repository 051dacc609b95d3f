//! The provider's pages.

use super::Authorize;
use crate::{
    html::{self, escape},
    people::PERSONAS,
};

/// Pick who signs in.
pub(super) fn choose(request: &Authorize, problem: Option<&str>) -> String {
    let hidden = [
        ("client_id", Some(&request.client_id)),
        ("redirect_uri", Some(&request.redirect_uri)),
        ("response_type", Some(&request.response_type)),
        ("state", Some(&request.state)),
        ("nonce", request.nonce.as_ref()),
        ("code_challenge", request.code_challenge.as_ref()),
        ("code_challenge_method", request.code_challenge_method.as_ref()),
    ];
    let hidden: String = hidden
        .iter()
        .filter_map(|(name, value)| {
            value.map(|value| format!(r#"<input type="hidden" name="{name}" value="{}">"#, escape(value)))
        })
        .collect();
    let personas: String = PERSONAS
        .iter()
        .map(|persona| {
            format!(
                r#"<li><form method="post">{hidden}<button class="row" name="account" value="{account}"><strong>{name}</strong><span>{about}</span><code>{account}</code></button></form></li>"#,
                account = persona.account,
                name = escape(persona.name),
                about = escape(persona.about),
            )
        })
        .collect();
    let problem =
        problem.map(|problem| format!(r#"<p class="problem" role="alert">{}</p>"#, escape(problem))).unwrap_or_default();
    let body = format!(
        r#"<h1>Sign in as</h1><p>This is the sandbox's sign-in service. Pick somebody of the example company.</p>{problem}
        <ul class="list">{personas}</ul>
        <form method="post">{hidden}<p><label for="account">Any other account</label><br>
        <input id="account" name="account" autocomplete="off" required> <button>Sign in</button></p></form>"#
    );
    html::page("Sign in", &body)
}

pub(super) fn problem(problem: &str) -> String {
    html::page("Sign-in refused", &format!(r#"<h1>Sign-in refused</h1><p class="problem">{}</p>"#, escape(problem)))
}

pub(super) fn signed_out() -> String {
    html::page("Signed out", "<h1>You are signed out</h1>")
}
