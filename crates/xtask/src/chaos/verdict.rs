//! What must hold when all is at rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::Value;

use super::{
    DATABASE, count,
    storm::{Fate, Launched},
};
use crate::{postgres::Psql, visitor::Visitor};

/// Jobs of killed workers are noticed after half a minute, and cleared away within the minute after.
const SWEPT: Duration = Duration::from_secs(110);
/// Faults of the product that are told one by one.
const TOLD: usize = 20;
/// Calls of one operation that may come over the rate: each has its turn, and a machine with much to do may hold some up on the
/// way until they come together.
const HELD_UP: u64 = 3;

/// The numbers of a run that passed.
#[derive(Debug)]
pub(super) struct Told {
    rows: BTreeMap<String, u64>,
    invitations: BTreeMap<String, u64>,
    calls: Vec<(String, u64, u64, u64)>,
}

/// One person's row and mail.
struct Row {
    account: String,
    state: String,
    invitation: String,
    mail: String,
    invitation_state: String,
}

/// # Errors
/// Everything that is not as it must be.
pub(super) fn pass(sql: &Psql, sandbox: &str, launched: &Launched, in_flight: &BTreeSet<String>) -> Result<Told> {
    let rows = rows(sql)?;
    let created = tally(sandbox, "workspaces", |workspace| Some(workspace.get("user_name")?.as_str()?.to_owned()))?;
    let received = tally(sandbox, "inbox", |mail| Some(mail.pointer("/to/0")?.as_str()?.to_owned()))?;
    let mut faults = at_rest(sql)?;
    let mut told = Told { rows: BTreeMap::new(), invitations: BTreeMap::new(), calls: calls(sandbox)? };
    for row in &rows {
        *told.rows.entry(row.state.clone()).or_default() += 1;
        *told.invitations.entry(row.invitation_state.clone()).or_default() += 1;
        let Some((person, fate)) = launched.people.get(&row.account) else {
            faults.push(format!("{} was launched and not asked for", row.account));
            continue;
        };
        let made = created.get(&row.account).copied().unwrap_or(0);
        let mails = received.get(&person.mail).copied().unwrap_or(0);
        if let Some(fault) = row.fault(*fate, made, mails, in_flight.contains(&row.invitation)) {
            faults.push(format!("{} ({fate:?}): {fault}", row.account));
        }
    }
    if rows.len() != launched.people.len() {
        faults.push(format!("{} people were asked for, and there are {} rows", launched.people.len(), rows.len()));
    }
    for (operation, _, _, over_rate) in &told.calls {
        if *over_rate > HELD_UP {
            faults.push(format!("{operation} came faster than AWS allows, {over_rate} times"));
        }
    }
    if faults.is_empty() {
        return Ok(told);
    }
    let more = faults.len().saturating_sub(TOLD);
    faults.truncate(TOLD);
    bail!("{}\n… and {more} more", faults.join("\n"))
}

impl Row {
    /// What is wrong with it.
    fn fault(&self, fate: Fate, made: u64, mails: u64, in_flight: bool) -> Option<String> {
        let wanted = match fate {
            Fate::NotMade => ("failed", 0),
            Fate::EndsInError => ("failed", 1),
            _ => ("available", 1),
        };
        if (self.state.as_str(), made) != wanted {
            return Some(format!("the row is {} and AWS made {made} WorkSpaces", self.state));
        }
        let mail = (self.invitation_state.as_str(), mails);
        let right = match fate {
            Fate::NotMade | Fate::EndsInError => mail == ("", 0),
            Fate::MailRefused => mail == ("failed", 0) || mail == ("unconfirmed", 0) && in_flight,
            Fate::MailLost => mail.0 == "unconfirmed" && mails <= 1,
            Fate::MailUnanswered => mail == ("unconfirmed", 0),
            Fate::Ordinary => mail == ("sent", 1) || mail.0 == "unconfirmed" && mails <= 1 && in_flight,
        };
        (!right).then(|| format!("the invitation is '{}', {mails} mails to {}", self.invitation_state, self.mail))
    }
}

fn rows(sql: &Psql) -> Result<Vec<Row>> {
    let query = "select i.account, i.state, coalesce(v.id::text, ''), coalesce(v.mail, ''), coalesce(v.state, '')
                 from launch_item i left join invitation v on v.item_id = i.id";
    let read = |row: Vec<String>| {
        let [account, state, invitation, mail, invitation_state] = <[String; 5]>::try_from(row).ok()?;
        Some(Row { account, state, invitation, mail, invitation_state })
    };
    Ok(sql.query(DATABASE, query)?.into_iter().filter_map(read).collect())
}

/// No claim is held, no launch waits, and no job is left but those that come again and again.
fn at_rest(sql: &Psql) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (what, query) in [
        ("rows are in a worker's hands", "select count(*) from launch_item where claim is not null"),
        ("invitations are in a worker's hands", "select count(*) from invitation where claim is not null"),
        ("launches are paused", "select count(*) from launch where paused_at is not null"),
    ] {
        let found = count(sql, query)?;
        if found > 0 {
            faults.push(format!("{found} {what}"));
        }
    }
    let jobs = "select t.identifier, j.attempts, coalesce(j.last_error, '')
                from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
                where t.identifier <> 'tick' and t.identifier not like 'sweep_%'";
    let end = Instant::now() + SWEPT;
    loop {
        let left = sql.query(DATABASE, jobs)?;
        if left.is_empty() || Instant::now() > end {
            faults.extend(left.into_iter().map(|job| format!("a job is left: {}", job.join(", "))));
            return Ok(faults);
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// How often each name comes in one of the sandbox's lists.
fn tally(sandbox: &str, list: &str, name: impl Fn(&Value) -> Option<String>) -> Result<BTreeMap<String, u64>> {
    let all = Visitor::default().get(&format!("{sandbox}/_sandbox/api/{list}"))?.json()?;
    let mut tally = BTreeMap::new();
    for name in all.as_array().into_iter().flatten().filter_map(name) {
        *tally.entry(name).or_default() += 1;
    }
    Ok(tally)
}

/// Each operation with its calls, those throttled by a fault or for their rate, and those for their rate.
fn calls(sandbox: &str) -> Result<Vec<(String, u64, u64, u64)>> {
    let calls = Visitor::default().get(&format!("{sandbox}/_sandbox/api/calls"))?.json()?;
    let number = |count: &Value, member: &str| count.get(member).and_then(Value::as_u64).unwrap_or(0);
    let counts = calls.get("counts").and_then(Value::as_object).into_iter().flatten();
    Ok(counts
        .map(|(operation, count)| {
            (operation.clone(), number(count, "calls"), number(count, "throttled"), number(count, "over_rate"))
        })
        .collect())
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: &BTreeMap<String, u64>| {
            let named = |(state, count): (&String, &u64)| format!("{count} {}", if state.is_empty() { "none" } else { state });
            counts.iter().map(named).collect::<Vec<_>>().join(", ")
        };
        writeln!(f, "Rows: {}. Invitations: {}.", list(&self.rows), list(&self.invitations))?;
        writeln!(f, "Made twice, sent twice, forgotten, stuck, left to people without need: none.\n")?;
        writeln!(
            f,
            "Up to {HELD_UP} calls of an operation may come over the rate: held up on the way until they come together.\n"
        )?;
        writeln!(f, "| operation | calls | throttled by a fault | over the rate |\n|---|---:|---:|---:|")?;
        for (operation, calls, throttled, over_rate) in &self.calls {
            writeln!(f, "| {operation} | {calls} | {} | {over_rate} |", throttled - over_rate)?;
        }
        Ok(())
    }
}
