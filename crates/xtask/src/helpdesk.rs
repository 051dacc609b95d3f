//! Helpdesk in a browser without scripts: whom one can launch for, and the way through the wizard.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::visitor::Visitor;

/// Somebody who can get a desktop.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) guid: String,
    pub(crate) account: String,
    pub(crate) mail: String,
}

/// Everybody whom nothing keeps from a desktop. WorkSpaces takes no account with an apostrophe.
pub(crate) fn ordinary_people(sandbox: &str) -> Result<Vec<Person>> {
    let all = Visitor::default().get(&format!("{sandbox}/_sandbox/api/people"))?.json()?;
    let taken = Visitor::default().get(&format!("{sandbox}/_sandbox/api/workspaces"))?.json()?;
    let members = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let taken: Vec<_> = members(&taken).iter().map(|workspace| text(workspace, "user_name")).collect();
    let ordinary = members(&all).into_iter().filter(|person| person.get("ordinary") == Some(&Value::Bool(true)));
    Ok(ordinary
        .map(|person| Person { guid: text(&person, "guid"), account: text(&person, "account"), mail: text(&person, "mail") })
        .filter(|person| !taken.contains(&person.account) && !person.account.contains('\''))
        .collect())
}

/// Goes through the wizard to the launch's page; the launch's id. `begun` keeps the draft, so that who tries again goes on with
/// it: a launch that was started is found again, not started twice.
pub(crate) fn launch(browser: &mut Visitor, frontdesk: &str, people: &[Person], begun: &mut Option<String>) -> Result<String> {
    if browser.get(&format!("{frontdesk}/launches"))?.status != 200 {
        browser.sign_in(frontdesk, "hkeller")?;
    }
    let mut post = |path: &str, form: &str| -> Result<String> {
        Ok(browser.post(&format!("{frontdesk}/api/launches/{path}"), form)?.location()?.to_owned())
    };
    let draft = match begun {
        Some(draft) => draft.clone(),
        None => {
            let draft = post("begin", "")?.split('/').nth(3).context("no draft")?.to_owned();
            begun.insert(draft).clone()
        }
    };
    expect(&post("choose_directory", &format!("draft={draft}&directory=d-906731a2b4"))?, "/people")?;
    let guids: String = people.iter().map(|person| format!("&guids%5B%5D={}", person.guid)).collect();
    post("add_people", &format!("draft={draft}{guids}"))?;
    let desktop =
        format!("draft={draft}&desktop[bundle]=wsb-own000001&desktop[running_mode]=AUTO_STOP&desktop[auto_stop_hours]=1");
    expect(&post("save_desktop", &desktop)?, "/check")?;
    let started = post("start", &format!("draft={draft}"))?;
    if started == format!("/launches/{draft}") { Ok(draft) } else { bail!("not started: {started}") }
}

fn expect(location: &str, end: &str) -> Result<()> {
    if location.split('?').next().is_some_and(|path| path.ends_with(end)) { Ok(()) } else { bail!("led to {location}") }
}
