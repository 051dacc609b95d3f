//! 1,000 people from the submit to their mails.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Bench, row::Row};
use crate::{helpdesk, postgres::Psql, say, visitor::Visitor};

pub(super) const PEOPLE: usize = 1_000;
/// Each CreateWorkspaces takes 25.
const CALLS: f64 = 40.0;
/// What the budget allows for 40 calls: a burst of 4, then one each half second.
const ALLOWED_SECONDS: f64 = (CALLS - 4.0) * 0.5;
/// The sandbox's MaxSendRate, mails a second.
const SES_RATE: f64 = 14.0;

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Row>> {
    let sandbox = bench.stack.sandbox_url();
    let mut people = helpdesk::ordinary_people(&sandbox)?;
    people.truncate(PEOPLE);
    anyhow::ensure!(people.len() == PEOPLE, "the sandbox has only {} people who can get a desktop", people.len());
    say("Launching for 1,000 people …");
    helpdesk::launch(&mut bench.browser, &bench.url, &people, &mut None)?;
    bench.until("the last row to be pending", Duration::from_secs(300), |bench| {
        Ok(number(&bench.stack.postgres.sql, "select count(accepted_at) from launch_item")? >= 1_000.0)
    })?;
    let took = "select extract(epoch from max(i.accepted_at) - min(l.started_at)) from launch_item i join launch l on l.id = i.launch_id";
    let pending = number(&bench.stack.postgres.sql, took)?;
    bench.until("the last mail", Duration::from_secs(600), |bench| {
        Ok(number(&bench.stack.postgres.sql, "select count(*) from invitation where state = 'sent'")? >= 1_000.0)
    })?;
    let sending = "select extract(epoch from max(sent_at) - min(sent_at)) from invitation";
    let seconds = number(&bench.stack.postgres.sql, sending)?;
    let calls = Visitor::default().get(&format!("{sandbox}/_sandbox/api/calls"))?.json()?;
    let count = |operation: &str, member: &str| {
        calls.pointer(&format!("/counts/{operation}/{member}")).and_then(Value::as_f64).unwrap_or(0.0)
    };
    let operations = calls.get("counts").and_then(Value::as_object).context("no counts")?;
    let throttled: f64 = operations.keys().map(|operation| count(operation, "throttled")).sum();
    let inbox = Visitor::default().get(&format!("{sandbox}/_sandbox/api/inbox"))?.json()?;
    let mails = inbox.as_array().context("no inbox")?;
    let addresses: BTreeSet<_> = mails.iter().filter_map(|mail| mail.pointer("/to/0")?.as_str()).collect();
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let (mails, addresses) = (mails.len() as f64, addresses.len() as f64);
    Ok(vec![
        Row::exactly("1,000 people: CreateWorkspaces calls", count("workspaces:CreateWorkspaces", "calls"), "", CALLS),
        Row::exactly("1,000 people: calls that AWS throttled", throttled, "", 0.0),
        Row::at_most("1,000 people: submit to the last row pending", pending, "s", 1.15 * ALLOWED_SECONDS),
        Row::exactly("1,000 people: mails sent", mails, "", 1_000.0),
        Row::exactly("1,000 people: addresses that got one", addresses, "", 1_000.0),
        Row::at_least("1,000 people: mails a second, by SES's rate of 14", 999.0 / seconds / SES_RATE, "", 0.9),
    ])
}

/// The one number that a query answers.
fn number(sql: &Psql, query: &str) -> Result<f64> {
    let rows = sql.query("frontdesk", query)?;
    let text = rows.first().and_then(|row| row.first()).context("no number")?;
    text.parse().with_context(|| format!("{text} is no number"))
}

/// The link of somebody's mail.
pub(super) fn welcome_link(sandbox: &str) -> Result<String> {
    let inbox = Visitor::default().get(&format!("{sandbox}/_sandbox/api/inbox"))?.json()?;
    let text = inbox.pointer("/0/text").and_then(Value::as_str).context("no mail")?;
    let link = text.split_whitespace().find(|word| word.contains("/welcome/")).context("no link in the mail")?;
    Ok(link.to_owned())
}
