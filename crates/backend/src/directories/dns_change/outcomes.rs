//! What became of the WorkSpaces: said of some by hand, or read from a list as the script writes it.

use std::collections::{HashMap, HashSet};

use csv::StringRecord;
use model::{
    Conflict, DirectoryId, DnsChangeId, Error, WorkspaceId,
    access::Actor,
    directories::{DnsChange, LineProblem, MOST_OUTCOMES, OutcomesRead, Told},
};

use super::{
    get, note, one,
    store::{self, Said},
};
use crate::{Services, fault::told, sheet};

/// The most problems of a list that are kept, in lines.
const PROBLEMS: usize = 50;
/// Longest note and longest name that is shown, in characters.
const LONGEST: usize = 200;

/// The change, while something can be said of its WorkSpaces: also after the connector was changed, because late ones may have
/// to be told then.
async fn open(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<DnsChange> {
    let change = one(services, actor, directory, id).await?;
    if change.state.is_live() { Ok(change) } else { Err(Error::conflict(Conflict::DnsChangeMoved)) }
}

/// Says of some WorkSpaces what became of them.
///
/// # Errors
/// [`Error::Invalid`] on `workspaces` if none is chosen, [`Error::Conflict`] once the change has ended, [`Error::NotFound`],
/// [`Error::NotAllowed`].
pub async fn settle(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
    workspaces: &[WorkspaceId],
    (to, remark): (Told, &str),
) -> model::Result<()> {
    let change = open(services, actor, directory, id).await?;
    if workspaces.is_empty() {
        return Err(Error::invalid("workspaces", "Choose at least one WorkSpace. Nothing was changed."));
    }
    let note = remark_of(remark);
    let said = |workspace: &WorkspaceId| Said { workspace: workspace.to_string(), told: to, note: note.clone() };
    let rows: Vec<_> = workspaces.iter().map(said).collect();
    write(services, actor, directory, &change, (&rows, None)).await
}

fn remark_of(written: &str) -> Option<String> {
    let remark: String = written.trim().chars().filter(|character| !character.is_control()).take(LONGEST).collect();
    (!remark.is_empty()).then_some(remark)
}

/// Writes what is said and the record of it, in one transaction.
async fn write(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    change: &DnsChange,
    (rows, read): (&[Said], Option<&OutcomesRead>),
) -> model::Result<()> {
    let found = get(services, directory).await?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let written = store::settle(&mut tx, (services.clock.now(), actor.name()), change.id, rows).await.map_err(told)?;
    let what = match (read, rows.first()) {
        (Some(read), _) => {
            store::keep_outcomes(&mut tx, change.id, read).await.map_err(told)?;
            format!("{}: {written} taken over, {} not understood", read.name, read.refused)
        }
        (None, _) if written == 0 => return Err(Error::NotFound),
        (None, Some(said)) => format!("{written} marked: {}", said.told.label().to_lowercase()),
        (None, None) => return Ok(()),
    };
    note(&mut tx, services, actor, &found, format!("{}: {what}", change.title())).await?;
    tx.commit().await.map_err(told)
}

/// Reads a list of outcomes: computer name or WorkSpace id, result, and perhaps a note. Lines that say nothing are told, the
/// others count.
///
/// # Errors
/// [`Error::Invalid`] on `list` if it is of no use as a whole, [`Error::Conflict`] once the change has ended,
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn read(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
    (name, bytes): (&str, &[u8]),
) -> model::Result<()> {
    let change = open(services, actor, directory, id).await?;
    let lines = lines(bytes).map_err(|problem| Error::invalid("list", problem))?;
    let known = Known::of(store::by_name(services, id).await.map_err(told)?);
    let (rows, problems) = judge(lines, &known);
    let read = OutcomesRead {
        name: name.to_owned(),
        taken: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        refused: u32::try_from(problems.len()).unwrap_or(u32::MAX),
        problems: problems.into_iter().take(PROBLEMS).collect(),
    };
    write(services, actor, directory, &change, (&rows, Some(&read))).await
}

/// One line with something on it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    number: u32,
    who: String,
    result: String,
    note: String,
}

/// Which column holds what.
struct Places {
    who: usize,
    result: usize,
    note: Option<usize>,
}

impl Places {
    /// Without a header: computer, result, note. `None` where a header names no results.
    fn of(first: &StringRecord) -> (Option<Self>, bool) {
        let (mut who, mut result, mut note) = (None, None, None);
        for (place, name) in first.iter().enumerate() {
            let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
            match plain.as_str() {
                "computer" | "computername" | "workspace" | "workspaceid" => who = who.or(Some(place)),
                "result" | "outcome" | "status" => result = Some(place),
                "detail" | "note" => note = Some(place),
                _ => {}
            }
        }
        match (who, result) {
            (Some(who), Some(result)) => (Some(Self { who, result, note }), true),
            (None, None) => (Some(Self { who: 0, result: 1, note: Some(2) }), false),
            _ => (None, true),
        }
    }
}

fn lines(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let kept = "Nothing was changed.";
    let (text, _) = sheet::decode(bytes);
    if text.contains('\0') {
        return Err(format!("This is not a text file: it holds binary data. {kept} Save the list as CSV and try again."));
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).ok_or_else(|| format!("The list is empty. {kept}"))?;
    let mut records = sheet::records(&text, sheet::separator(first))
        .filter_map(Result::ok)
        .filter(|record| record.iter().any(|cell| !cell.is_empty()));
    let first = records.next().ok_or_else(|| format!("The list is empty. {kept}"))?;
    let (places, header) = Places::of(&first);
    let places = places.ok_or_else(|| format!("The header needs a column computer and a column result. {kept} Name them so."))?;
    let line = |record: StringRecord| {
        let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
        Line {
            number: record.position().and_then(|at| u32::try_from(at.line()).ok()).unwrap_or(u32::MAX),
            who: cell(places.who),
            result: cell(places.result),
            note: places.note.map(cell).unwrap_or_default(),
        }
    };
    let body = (!header).then_some(first).into_iter().chain(records);
    let lines: Vec<_> = body.take(MOST_OUTCOMES + 1).map(line).collect();
    match lines.len() {
        0 => Err(format!("The list is empty. {kept}")),
        some if some > MOST_OUTCOMES => Err(format!("The list has more than {MOST_OUTCOMES} lines. {kept} Split it.")),
        _ => Ok(lines),
    }
}

/// The WorkSpaces of the change, as a line may name them.
struct Known {
    ids: HashSet<String>,
    computers: HashMap<String, Vec<String>>,
}

impl Known {
    fn of(rows: Vec<(String, Option<String>)>) -> Self {
        let mut computers: HashMap<_, Vec<_>> = HashMap::new();
        for (id, computer) in &rows {
            if let Some(computer) = computer {
                computers.entry(computer.clone()).or_default().push(id.clone());
            }
        }
        Self { ids: rows.into_iter().map(|(id, _)| id).collect(), computers }
    }

    /// # Errors
    /// Why the name says nothing.
    fn find(&self, written: &str) -> Result<String, &'static str> {
        // Windows tells the full name in some places.
        let name = written.to_lowercase();
        let short = name.split('.').next().unwrap_or_default();
        if self.ids.contains(&name) {
            return Ok(name);
        }
        match self.computers.get(short).map(Vec::as_slice) {
            Some([id]) => Ok(id.clone()),
            Some(_) => Err("Several WorkSpaces have this computer name. Write the WorkSpace id instead."),
            None if short.is_empty() => Err("It names no computer."),
            None => Err("No WorkSpace of this change has this name or id."),
        }
    }
}

/// What each line says, in the end: of several lines of one WorkSpace the last counts, as the script may have run more than once.
fn judge(lines: Vec<Line>, known: &Known) -> (Vec<Said>, Vec<LineProblem>) {
    let (mut said, mut problems) = (HashMap::new(), Vec::new());
    for line in lines {
        let problem = match (known.find(&line.who), Told::from_result(&line.result)) {
            (Ok(workspace), Some(told)) => {
                said.insert(workspace.clone(), Said { workspace, told, note: remark_of(&line.note) });
                continue;
            }
            (Err(problem), _) => problem.to_owned(),
            (Ok(_), None) => {
                "The result is none of done, changed, restarting, already, absent, failed, skipped and open.".to_owned()
            }
        };
        let written: String = line.who.chars().filter(|character| !character.is_control()).take(LONGEST).collect();
        problems.push(LineProblem { line: line.number, written, problem });
    }
    (said.into_values().collect(), problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let row = |id: &str, computer: Option<&str>| (id.to_owned(), computer.map(ToOwned::to_owned));
        Known::of(vec![
            row("ws-000000001", Some("wsamzn-1")),
            row("ws-000000002", Some("twice")),
            row("ws-000000003", Some("twice")),
            row("ws-000000004", None),
        ])
    }

    fn said(id: &str, told: Told, note: Option<&str>) -> Said {
        Said { workspace: id.to_owned(), told, note: note.map(ToOwned::to_owned) }
    }

    fn read(bytes: &[u8]) -> (Vec<Said>, Vec<LineProblem>) {
        let (mut rows, problems) = judge(lines(bytes).unwrap(), &known());
        rows.sort_by(|one, other| one.workspace.cmp(&other.workspace));
        (rows, problems)
    }

    #[test]
    fn the_scripts_own_lines_are_read() {
        let list = b"\"computer\",\"result\",\"detail\"\r\n\"WSAMZN-1.corp.example.com\",\"restarting\",\"10.0.0.1,10.0.0.2 -> 10.0.0.3,10.0.0.2\"\r\n";
        let note = Some("10.0.0.1,10.0.0.2 -> 10.0.0.3,10.0.0.2");
        assert_eq!(read(list), (vec![said("ws-000000001", Told::Done, note)], vec![]));
    }

    #[test]
    fn a_plain_list_names_ids_or_computers_and_the_last_line_counts() {
        let (rows, problems) = read(b"ws-000000004;skipped;on leave\nwsamzn-1;failed\n\nWSAMZN-1;changed\n");
        let wanted = vec![said("ws-000000001", Told::Restart, None), said("ws-000000004", Told::Skipped, Some("on leave"))];
        assert_eq!((rows, problems), (wanted, vec![]));
    }

    #[test]
    fn lines_that_say_nothing_are_told_by_their_number_and_the_others_count() {
        let (rows, problems) = read(b"computer,result\ntwice,done\nnobody,done\nwsamzn-1,perhaps\n,done\nws-000000002,done\n");
        assert_eq!(rows, [said("ws-000000002", Told::Done, None)]);
        let told: Vec<_> = problems.iter().map(|problem| (problem.line, problem.written.as_str())).collect();
        assert_eq!(told, [(2, "twice"), (3, "nobody"), (4, "wsamzn-1"), (5, "")]);
        assert!(problems[0].problem.contains("Several") && problems[2].problem.contains("restarting"));
    }

    #[test]
    fn lists_of_no_use_say_why() {
        let long = "a,done\n".repeat(MOST_OUTCOMES + 1);
        for (list, why) in [
            (&b""[..], "empty"),
            (b" \n\n", "empty"),
            (b"computer,result\n", "empty"),
            (b"PK\x03\x04\0\0\0\0\x01", "binary"),
            (b"computer,remark\na,b", "header"),
            (long.as_bytes(), "more than 5000"),
        ] {
            let said = lines(list).unwrap_err();
            assert!(said.contains(why) && said.contains("Nothing was changed."), "{said}");
        }
        assert_eq!(lines(&long.as_bytes()[7..]).unwrap().len(), MOST_OUTCOMES);
    }
}
