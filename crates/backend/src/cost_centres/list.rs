//! Cost centres from a list: all of it, or nothing.

use std::collections::{HashMap, HashSet};

use model::{
    CostCentreId, Error, FieldError,
    access::{Act, Actor},
    cost_centres::{CostCentreForm, Imported, ListDraft, MOST_LINES, Owner, Values},
};
use uuid::Uuid;

use super::{
    Saved, change, make,
    store::{self, drafts},
};
use crate::{
    Services,
    fault::told,
    people::{self, key},
    sheet::{decode, line, records, separator},
};

/// Wrong lines that are told one by one.
const MOST_TOLD: usize = 20;

/// One line, right but for its owner, who is not looked up yet.
struct Line {
    number: u32,
    values: Values,
    owner: String,
}

/// What is wrong, line by line.
#[derive(Default)]
struct Wrong(Vec<(u32, String)>);

impl Wrong {
    fn add(&mut self, line: u32, words: impl Into<String>) {
        self.0.push((line, words.into()));
    }

    /// The lines in their order, as an error; `Ok` if there are none.
    fn end(mut self) -> model::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|(line, _)| *line);
        let more = self.0.len().saturating_sub(MOST_TOLD);
        let field = |message: String| FieldError { field: "list".into(), message };
        let lines = self.0.into_iter().take(MOST_TOLD);
        let mut fields: Vec<_> = lines.map(|(line, words)| field(format!("Line {line}: {words}"))).collect();
        fields.push(field(match more {
            0 => "Nothing of the list was taken. Mend it and send it again.".to_owned(),
            more => format!("{more} more are wrong. Nothing of the list was taken. Mend it and send it again."),
        }));
        Err(Error::Invalid { fields })
    }
}

/// Makes those of the list that are not there and changes those that are, by their numbers; others stay as they are. The columns
/// are number, name, the owner's account or mail address, cap, and currency; a header in front may say so. `None` if anything is
/// wrong: then nothing was taken, and [`typed_list`] has what was sent, and what is wrong with it on `list`, line by line.
///
/// # Errors
/// [`Error::Unavailable`] if Active Directory can't be asked, [`Error::NotAllowed`].
pub async fn import(services: &Services, actor: &Actor, bytes: &[u8]) -> model::Result<Option<Imported>> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    let (text, _) = decode(bytes);
    let outcome = take(services, actor, &text).await;
    let problems = match &outcome {
        Ok(_) => return outcome.map(Some),
        Err(Error::Invalid { fields }) => fields.clone(),
        Err(_) => Vec::new(),
    };
    // What is no text is told of, and can't be mended here.
    let text = if text.contains('\0') { String::new() } else { text.into_owned() };
    drafts::keep_list(services, actor, &ListDraft { text, problems }).await.map_err(told)?;
    match outcome {
        Err(Error::Invalid { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// What the actor sent lately and was not taken; empty if that is nothing.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn typed_list(services: &Services, actor: &Actor) -> model::Result<ListDraft> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    drafts::list(services, actor).await.map_err(told)
}

async fn take(services: &Services, actor: &Actor, text: &str) -> model::Result<Imported> {
    let lines = read(text)?;
    let owners = owners(services, &lines).await?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let numbers: Vec<_> = lines.iter().map(|line| line.values.number.clone()).collect();
    let held = store::held_by_number(&mut tx, &numbers).await.map_err(told)?;
    let mut known: HashMap<_, _> = held.into_iter().map(|centre| (centre.number.to_lowercase(), centre)).collect();
    let (mut imported, mut wrong) = (Imported::default(), Wrong::default());
    for (line, owner) in lines.into_iter().zip(owners) {
        let number = line.number;
        let checked = (line.values, owner);
        let outcome = match known.remove(&checked.0.number.to_lowercase()) {
            Some(before) => {
                let seen = before.version;
                change(&mut tx, services, actor, (before, seen), checked).await.map(|saved| match saved {
                    Saved::Changed => imported.changed += 1,
                    Saved::Same => imported.same += 1,
                })
            }
            None => make(&mut tx, services, actor, CostCentreId(Uuid::now_v7()), checked).await.map(|()| imported.made += 1),
        };
        match outcome {
            Ok(()) => {}
            Err(Error::Invalid { fields }) => {
                wrong.add(number, fields.into_iter().map(|field| field.message).collect::<Vec<_>>().join(" "));
                // A statement that failed has ended the transaction, and nothing of it is kept anyway.
                break;
            }
            Err(other) => return Err(other),
        }
    }
    wrong.end()?;
    drafts::delete_list(&mut tx, actor).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(imported)
}

fn of_no_use(words: &str) -> Error {
    Error::invalid("list", format!("{words} Nothing of it was taken."))
}

/// The lines of a list of which all are right.
fn read(text: &str) -> model::Result<Vec<Line>> {
    if text.contains('\0') {
        return Err(of_no_use("This is not a text file: it holds binary data. Save the list as CSV."));
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).ok_or_else(|| of_no_use("The list is empty."))?;
    let (mut lines, mut wrong, mut seen) = (Vec::new(), Wrong::default(), HashSet::new());
    for (place, record) in records(text, separator(first)).enumerate() {
        let record = record.map_err(|_| of_no_use("The list can\u{2019}t be read as CSV."))?;
        let number = u32::try_from(line(text, &record)).unwrap_or(u32::MAX);
        let cell = |index: usize| record.get(index).unwrap_or_default().to_owned();
        if record.iter().all(str::is_empty) || (place == 0 && cell(0).eq_ignore_ascii_case("number")) {
            continue;
        }
        if lines.len() + wrong.0.len() == MOST_LINES {
            return Err(of_no_use(&format!("The list has more than {MOST_LINES} lines. Split it.")));
        }
        if record.len() != 5 {
            wrong.add(number, format!("It has {} columns; number, name, owner, cap and currency are 5.", record.len()));
            continue;
        }
        let form =
            CostCentreForm { number: cell(0), name: cell(1), cap: cell(3), currency: cell(4), ..CostCentreForm::default() };
        match form.parse() {
            Ok(values) if !seen.insert(values.number.to_lowercase()) => {
                wrong.add(number, format!("The number {} stands in the list twice.", values.number));
            }
            Ok(values) => lines.push(Line { number, values, owner: key(&cell(2)) }),
            Err(error) => wrong.add(number, error.to_string()),
        }
    }
    wrong.end()?;
    if lines.is_empty() { Err(of_no_use("The list is empty.")) } else { Ok(lines) }
}

/// The owner of each line, in the same order.
async fn owners(services: &Services, lines: &[Line]) -> model::Result<Vec<Owner>> {
    let keys: HashSet<_> = lines.iter().map(|line| line.owner.clone()).filter(|owner| !owner.is_empty()).collect();
    let found = people::named(services, keys.into_iter().collect()).await?;
    let (mut owners, mut wrong) = (Vec::new(), Wrong::default());
    for line in lines {
        let shown: String = line.owner.chars().take(60).collect();
        match found.get(&line.owner).map(Vec::as_slice) {
            Some([person]) => owners.push(Owner::from(person.clone())),
            Some([_, _, ..]) => wrong.add(line.number, format!("Several people are {shown}. Write the account.")),
            _ => wrong.add(line.number, format!("Nobody in Active Directory is \u{201c}{shown}\u{201d}.")),
        }
    }
    wrong.end()?;
    Ok(owners)
}
