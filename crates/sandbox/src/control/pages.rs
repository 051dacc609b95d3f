//! The pages for people.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::TimeDelta;
use serde::Deserialize;

use super::api::days;
use crate::{
    Inner,
    faults::{Fault, Kind},
    html::{escape, page},
    state::Mail,
};

type Shared = State<Arc<Inner>>;

pub(super) fn framed(title: &str, body: &str) -> Html<String> {
    let nav = r#"<nav aria-label="Sandbox"><a href="/_sandbox">Overview</a><a href="/_sandbox/inbox">Inbox</a><a href="/_sandbox/calls">Calls</a>
    <a href="/_sandbox/workspaces">WorkSpaces</a><a href="/_sandbox/directories">Directories</a><a href="/_sandbox/faults">Faults</a><a href="/_sandbox/clock">Clock</a></nav>"#;
    Html(page(title, &format!("{nav}<h1>{}</h1>{body}", escape(title))))
}

pub(super) async fn overview(State(inner): Shared) -> Html<String> {
    let memory = inner.state.memory();
    let body = format!(
        "<p>AWS, Active Directory and a sign-in service for trying out Frontdesk.</p><ul><li>{} mails in the <a href=\"/_sandbox/inbox\">inbox</a></li>
        <li>{} <a href=\"/_sandbox/workspaces\">WorkSpaces</a></li><li>{} <a href=\"/_sandbox/directories\">directories</a></li><li>{} people in Active Directory</li><li>{} <a href=\"/_sandbox/faults\">faults</a> switched on</li></ul>",
        memory.mails.len(),
        memory.workspaces.iter().filter(|workspace| !workspace.is_gone()).count(),
        memory.connectors.iter().filter(|connector| connector.stage_at(inner.clock.now()).is_some()).count(),
        inner.company.read().people.len(),
        inner.faults.list().len(),
    );
    framed("Sandbox", &body)
}

pub(super) async fn inbox(State(inner): Shared) -> Html<String> {
    let row = |mail: &Mail| {
        format!(
            r#"<tr><td><a href="/_sandbox/inbox/{}">{}</a></td><td>{}</td><td><time>{}</time></td></tr>"#,
            mail.id,
            escape(&mail.subject),
            escape(&mail.to.join(", ")),
            mail.at.format("%Y-%m-%d %H:%M:%S")
        )
    };
    let rows: String = inner.state.memory().mails.iter().rev().take(500).map(row).collect();
    let table = format!("<table><thead><tr><th>Subject<th>To<th>Sent (UTC)</thead><tbody>{rows}</tbody></table>");
    framed(
        "Inbox",
        if rows.is_empty() { "<p>No mail yet. Launch a WorkSpace and its invitation lands here.</p>" } else { &table },
    )
}

fn find(inner: &Inner, id: &str) -> Option<Mail> {
    inner.state.memory().mails.iter().find(|mail| mail.id == id).cloned()
}

pub(super) async fn mail(State(inner): Shared, Path(id): Path<String>) -> Response {
    let Some(mail) = find(&inner, &id) else { return StatusCode::NOT_FOUND.into_response() };
    let tags: Vec<_> = mail.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = format!(
        r#"<dl><dt>From<dd>{}<dt>To<dd>{}<dt>Tags<dd>{}</dl><h2>HTML part</h2>
        <iframe title="HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/_sandbox/inbox/{}/html"></iframe>
        <h2>Text part</h2><pre>{}</pre>"#,
        escape(&mail.from),
        escape(&mail.to.join(", ")),
        escape(&tags.join(", ")),
        mail.id,
        linked(&mail.text),
    );
    framed(&mail.subject, &body).into_response()
}

/// The text part with its links usable.
fn linked(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let link = word.trim_end_matches(|c: char| c.is_whitespace() || c == ')');
        if link.starts_with("http://") || link.starts_with("https://") {
            let shown = escape(link);
            format!(
                r#"<a href="{shown}" target="_blank" rel="noopener">{shown}</a>{}"#,
                escape(word.get(link.len()..).unwrap_or_default())
            )
        } else {
            escape(word)
        }
    });
    words.collect()
}

pub(super) async fn mail_html(State(inner): Shared, Path(id): Path<String>) -> Response {
    let Some(mail) = find(&inner, &id) else { return StatusCode::NOT_FOUND.into_response() };
    let html = mail.html.replacen("<head>", r#"<head><base target="_blank">"#, 1);
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}

pub(super) async fn calls(State(inner): Shared) -> Html<String> {
    let counts: String = inner
        .calls
        .counts()
        .iter()
        .map(|(operation, count)| format!("<tr><td>{}<td>{}<td>{}</tr>", escape(operation), count.calls, count.throttled))
        .collect();
    let last: String = inner
        .calls
        .last()
        .iter()
        .take(300)
        .map(|call| {
            let error = call.error.as_deref().unwrap_or("");
            let at = call.at.format("%H:%M:%S%.3f");
            format!(
                "<tr><td><time>{at}</time><td>{}<td>{}<td>{}<td>{} ms</tr>",
                escape(&call.operation),
                call.status,
                escape(error),
                call.ms
            )
        })
        .collect();
    let body = format!(
        "<table><thead><tr><th>Operation<th>Calls<th>Throttled</thead><tbody>{counts}</tbody></table><h2>The last calls</h2>
        <table><thead><tr><th>At (UTC)<th>Operation<th>Status<th>Error<th>Took</thead><tbody>{last}</tbody></table>"
    );
    framed("Calls", &body)
}

pub(super) async fn workspaces(State(inner): Shared) -> Html<String> {
    let now = inner.clock.now();
    let rows: String = inner
        .state
        .memory()
        .workspaces
        .iter()
        .rev()
        .map(|workspace| {
            let state = workspace.state_at(now).unwrap_or("not shown");
            let (id, user) = (&workspace.id, escape(&workspace.user_name));
            let signed_in = match workspace.signed_in_at {
                Some(at) => at.format("%Y-%m-%d %H:%M").to_string(),
                None if state == "AVAILABLE" => format!(
                    "<form method=\"post\" action=\"/_sandbox/workspaces/{id}/sign-in\"><button>Sign in as {user}</button></form>"
                ),
                None => String::new(),
            };
            format!("<tr><td>{id}<td>{user}<td>{}<td>{state}<td>{signed_in}</tr>", workspace.bundle)
        })
        .collect();
    framed(
        "WorkSpaces",
        &format!("<table><thead><tr><th>Id<th>User<th>Bundle<th>State<th>Signed in</thead><tbody>{rows}</tbody></table>"),
    )
}

pub(super) async fn sign_in(State(inner): Shared, Path(id): Path<String>) -> Redirect {
    inner.state.sign_in(&id, inner.clock.now());
    Redirect::to("/_sandbox/workspaces")
}

pub(super) async fn faults(State(inner): Shared) -> Html<String> {
    let rows: String = inner
        .faults
        .list()
        .iter()
        .map(|fault| {
            let whom = if fault.items.is_empty() { "anybody".to_owned() } else { escape(&fault.items.join(", ")) };
            format!(
                "<tr><td>{}<td>{}<td>{whom}<td>{}<td>{}</tr>",
                escape(&format!("{:?}", fault.kind)),
                escape(fault.operation.as_deref().unwrap_or("every operation")),
                fault.probability.map_or("always".to_owned(), |probability| format!("{:.0} %", probability * 100.0)),
                fault.times.map_or("for ever".to_owned(), |times| times.to_string()),
            )
        })
        .collect();
    let options = |values: &[(&str, &str)]| -> String {
        values.iter().map(|(value, text)| format!("<option value=\"{value}\">{text}</option>")).collect()
    };
    let operations: Vec<_> = OPERATIONS.iter().map(|name| (*name, *name)).collect();
    let body = format!(
        r#"<table><thead><tr><th>Fault<th>Operation<th>For whom<th>How often<th>Times left</thead><tbody>{rows}</tbody></table>
        <form method="post" action="/_sandbox/faults/clear"><p><button>Switch all off</button></p></form>
        <h2>Switch one on</h2><form method="post">
        <p><label>What <select name="kind">{}</select></label></p>
        <p><label>Operation <select name="operation">{}</select></label></p>
        <p><label>How many times <input name="times" type="number" min="1" value="1"></label></p>
        <p><label>How likely, in percent <input name="percent" type="number" min="1" max="100" value="100"></label></p>
        <p><label>Only for this user, address or id <input name="item"></label></p>
        <p><label>Code of a refusal <input name="code" value="ResourceNotFound.User"></label></p>
        <p><label>Milliseconds that something is late <input name="ms" type="number" min="0" value="3000"></label></p>
        <p><button>Switch on</button></p></form>"#,
        options(&KINDS),
        options(&operations),
    );
    framed("Faults", &body)
}

/// What the form offers.
const OPERATIONS: [&str; 16] = [
    "CreateWorkspaces",
    "DescribeWorkspaces",
    "DescribeTags",
    "ConnectDirectory",
    "DescribeDirectories",
    "DeleteDirectory",
    "RegisterWorkspaceDirectory",
    "DeregisterWorkspaceDirectory",
    "DescribeSubnets",
    "SendEmail",
    "Connect",
    "Bind",
    "Search",
    "Lookup",
    "Authenticate",
    "Token",
];
const KINDS: [(&str, &str); 12] = [
    ("fail_item", "one entry fails"),
    ("refuse", "refuse the call"),
    ("lose_reply", "do the work, lose the reply"),
    ("time_out", "no answer, nothing done"),
    ("time_out_done", "no answer, work done"),
    ("throttle", "throttle"),
    ("server_error", "HTTP 500, LDAP unavailable"),
    ("delay", "answer late"),
    ("late_visibility", "new WorkSpaces are shown late"),
    ("end_in_error", "new WorkSpaces and registrations end in ERROR, connectors in Failed"),
    ("allow_double", "no guard against doubles"),
    ("clock_skew", "AWS's clock is an hour before ours"),
];

#[derive(Debug, Deserialize)]
pub(super) struct FaultForm {
    kind: String,
    operation: String,
    times: u32,
    percent: f64,
    code: String,
    item: String,
    ms: u64,
}

pub(super) async fn add_fault(State(inner): Shared, Form(form): Form<FaultForm>) -> Response {
    let message = "Switched on in the sandbox.".to_owned();
    let kind = match form.kind.as_str() {
        "fail_item" => Kind::FailItem { code: form.code, message },
        "refuse" => Kind::Refuse { code: form.code, message },
        "lose_reply" => Kind::LoseReply,
        "time_out" => Kind::TimeOut { work_done: false },
        "time_out_done" => Kind::TimeOut { work_done: true },
        "throttle" => Kind::Throttle,
        "server_error" => Kind::ServerError,
        "delay" => Kind::Delay { ms: form.ms },
        "late_visibility" => Kind::LateVisibility { ms: form.ms },
        "end_in_error" => Kind::EndInError,
        "allow_double" => Kind::AllowDouble,
        "clock_skew" => Kind::ClockSkew { seconds: 3_600 },
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let items = if form.item.is_empty() { Vec::new() } else { vec![form.item] };
    let fault =
        Fault { probability: (form.percent < 100.0).then_some(form.percent / 100.0), ..Fault::new(&form.operation, kind) };
    inner.faults.add(fault.times(form.times).items(items));
    Redirect::to("/_sandbox/faults").into_response()
}

pub(super) async fn clear_faults(State(inner): Shared) -> Redirect {
    inner.faults.clear();
    Redirect::to("/_sandbox/faults")
}

pub(super) async fn clock(State(inner): Shared) -> Html<String> {
    let body = format!(
        r#"<p>It is <strong>{}</strong> (UTC).</p><form method="post"><p><label>Move it on by minutes <input name="minutes" type="number" min="0" value="20"></label>
        <label>and days <input name="days" type="number" min="0" max="36500" value="0"></label> <button>Move</button></p></form>"#,
        inner.clock.now().format("%Y-%m-%d %H:%M:%S")
    );
    framed("Clock", &body)
}

#[derive(Debug, Deserialize)]
pub(super) struct Forward {
    minutes: i64,
    #[serde(default)]
    days: i64,
}

pub(super) async fn advance(State(inner): Shared, Form(form): Form<Forward>) -> Redirect {
    inner.clock.advance(TimeDelta::minutes(form.minutes.clamp(0, 10_000_000)) + days(form.days));
    Redirect::to("/_sandbox/clock")
}
