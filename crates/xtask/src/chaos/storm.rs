//! Helpdesk in the storm: one launch after the other, by the forms of the wizard, and the faults that name single people.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use rand::{rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};

use super::under_way;
use crate::{
    helpdesk::{self, Person},
    postgres::Psql,
    visitor::Visitor,
};

/// People in one launch.
pub(super) const LAUNCH: usize = 200;
/// The next launch begins when fewer rows and mails than these are under way.
const FEW: u64 = 150;
/// For one launch to be started, by as many attempts as it takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// What has to become of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// A WorkSpace, a mail.
    Ordinary,
    /// AWS refuses to make the WorkSpace.
    NotMade,
    /// The WorkSpace ends in ERROR.
    EndsInError,
    /// SES refuses the address.
    MailRefused,
    /// SES takes the mail and its answer is lost.
    MailLost,
    /// SES does nothing and never answers.
    MailUnanswered,
}

/// How many of each launch a fault names.
const NAMED: [(Fate, usize); 5] =
    [(Fate::NotMade, 3), (Fate::EndsInError, 3), (Fate::MailRefused, 3), (Fate::MailLost, 3), (Fate::MailUnanswered, 2)];

/// All that was launched.
#[derive(Debug, Default)]
pub(super) struct Launched {
    pub(super) launches: u32,
    /// How often the wizard was begun for them.
    pub(super) attempts: u32,
    pub(super) people: BTreeMap<String, (Person, Fate)>,
}

/// Launches whenever little is under way, until it is enough or nobody is left.
pub(super) fn keep_launching(
    sql: &Psql,
    sandbox: &str,
    frontdesk: &str,
    mut people: Vec<Person>,
    mut fates: StdRng,
    enough: &AtomicBool,
) -> Result<Launched> {
    let mut launched = Launched::default();
    people.shuffle(&mut fates);
    let mut browser = Visitor::default();
    while !enough.load(Ordering::Relaxed) {
        // PostgreSQL may be restarting.
        if !matches!(under_way(sql), Ok(few) if few < FEW) {
            thread::sleep(Duration::from_millis(200));
            continue;
        }
        if people.len() < LAUNCH {
            bail!("nobody is left to launch for");
        }
        let those = people.split_off(people.len() - LAUNCH);
        for (fate, people) in deal(&those) {
            switch_on_for(sandbox, fate, people)?;
            launched.people.extend(people.iter().map(|person| (person.account.clone(), (person.clone(), fate))));
        }
        launched.attempts += launch(&mut browser, frontdesk, &those)?;
        launched.launches += 1;
    }
    Ok(launched)
}

/// Who gets which fate; they come in random order already.
fn deal(people: &[Person]) -> Vec<(Fate, &[Person])> {
    let mut rest = people;
    let mut dealt = Vec::new();
    for (fate, number) in NAMED {
        let (some, others) = rest.split_at(number);
        dealt.push((fate, some));
        rest = others;
    }
    dealt.push((Fate::Ordinary, rest));
    dealt
}

fn switch_on_for(sandbox: &str, fate: Fate, people: &[Person]) -> Result<()> {
    let (operation, fault) = match fate {
        Fate::Ordinary => return Ok(()),
        Fate::NotMade => ("CreateWorkspaces", json!({ "kind": "fail_item", "code": "ResourceNotFound.User" })),
        Fate::EndsInError => ("CreateWorkspaces", json!({ "kind": "end_in_error" })),
        Fate::MailRefused => ("SendEmail", json!({ "kind": "refuse", "code": "MessageRejected" })),
        Fate::MailLost => ("SendEmail", json!({ "kind": "lose_reply" })),
        Fate::MailUnanswered => ("SendEmail", json!({ "kind": "time_out", "work_done": false })),
    };
    let items = people.iter().map(|person| match operation {
        "SendEmail" => format!("\"{}\"", person.mail),
        _ => person.account.clone(),
    });
    switch_on(sandbox, with(with(fault, "operation", json!(operation)), "items", items.collect()))
}

/// The object with one more member.
pub(super) fn with(mut object: Value, member: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
    object
}

/// Switches a fault on.
pub(super) fn switch_on(sandbox: &str, fault: Value) -> Result<()> {
    Visitor::default().send("POST", &format!("{sandbox}/_sandbox/api/faults"), &fault)
}

/// The faults of chance are over; those that name people stay.
pub(super) fn clear_weather(sandbox: &str) -> Result<()> {
    let url = format!("{sandbox}/_sandbox/api/faults");
    let mut controls = Visitor::default();
    let on = controls.get(&url)?.json()?;
    controls.send("DELETE", &url, &Value::Null)?;
    let names = |fault: &&Value| fault.pointer("/items/0").is_some();
    on.as_array().into_iter().flatten().filter(names).try_for_each(|fault| controls.send("POST", &url, fault))
}

/// Goes through the wizard as often as it takes; how often that was. A launch that was started is found again, not started twice.
fn launch(browser: &mut Visitor, frontdesk: &str, people: &[Person]) -> Result<u32> {
    let end = Instant::now() + PATIENCE;
    let mut attempts = 0;
    let mut draft = None;
    loop {
        attempts += 1;
        match helpdesk::launch(browser, frontdesk, people, &mut draft) {
            Ok(_) => return Ok(attempts),
            Err(error) if Instant::now() > end => return Err(error.context("a launch could not be started")),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
}
