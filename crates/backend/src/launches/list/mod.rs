//! A list of people, pasted or uploaded, read into a draft: every line is looked up, and the report says what it came to.

mod parse;

use std::collections::{HashMap, HashSet};

use model::{
    BundleId, DraftId, Error, Page, PageRequest, PersonGuid,
    access::Actor,
    launches::{Candidate, LineKind, Report, Verdict},
    people::Hit,
    workspaces::Bundle,
};

use super::{
    drafts,
    store::{self, Choice, Judged},
};
use crate::{Services, fault::told, people, sheet, workspaces};
#[cfg(any(test, fuzzing))]
pub(crate) use parse::prove;
use parse::{List, Row};

/// Reads a list and adds whom it can; the draft's list before is forgotten, the people it added stay.
///
/// # Errors
/// [`Error::Invalid`] on the field `list` if it is of no use as a whole, [`Error::Conflict`] if the draft would hold too many
/// people, [`Error::Unavailable`] when Active Directory is away: then nothing is added.
pub async fn read(services: &Services, actor: &Actor, draft: DraftId, name: &str, bytes: &[u8]) -> model::Result<()> {
    let directory = drafts::directory_of(services, actor, draft).await?;
    let (text, encoding) = sheet::decode(bytes);
    let refused = |fault: parse::ListFault| Error::invalid("list", fault.to_string());
    let list = List::open(&text, encoding).map_err(refused)?;
    let rows: Vec<Row> = list.rows().collect::<Result<_, _>>().map_err(refused)?;
    if rows.is_empty() {
        return Err(refused(parse::ListFault::Empty));
    }
    let wanted: HashSet<String> = rows.iter().filter(|row| row.problem.is_none()).map(|row| people::key(&row.who)).collect();
    let judge = Judge {
        found: people::written(services, &directory, wanted.into_iter().collect()).await?,
        bundles: workspaces::bundles(services, actor).await?.0,
        known: store::chosen_guids(services, draft).await.map_err(told)?,
    };
    let lines = judge.lines(rows);
    if !store::keep_list(services, draft, name, &list.columns, &lines).await.map_err(told)? {
        return Err(Error::conflict(model::Conflict::TooManyPeople));
    }
    Ok(())
}

/// The report of a draft's last list, one page of its lines; `None` if there was no list.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft and for somebody else's.
pub async fn report(
    services: &Services,
    actor: &Actor,
    draft: DraftId,
    kind: Option<LineKind>,
    page: PageRequest,
) -> model::Result<Option<Report>> {
    drafts::get(services, actor, draft).await?;
    let Some(list) = store::list_of(services, draft).await.map_err(told)? else { return Ok(None) };
    let counts = store::line_counts(services, draft).await.map_err(told)?;
    let total = counts.iter().filter(|(counted, _)| kind.is_none_or(|kind| kind == *counted)).map(|(_, count)| count).sum();
    let rows = store::lines(services, draft, kind, page).await.map_err(told)?;
    Ok(Some(Report {
        name: list.name,
        read: list.read,
        columns: list.columns,
        counts,
        lines: Page { rows, total, request: page },
    }))
}

/// Chooses one of the people whom a line may mean.
///
/// # Errors
/// [`Error::NotFound`] if the line offers no such person, [`Error::Conflict`] if the draft would hold too many people.
pub async fn choose(services: &Services, actor: &Actor, draft: DraftId, number: u32, guid: PersonGuid) -> model::Result<()> {
    let directory = drafts::directory_of(services, actor, draft).await?;
    let line = store::line(services, draft, number).await.map_err(told)?.ok_or(Error::NotFound)?;
    let offered = match &line.verdict {
        Verdict::Ambiguous { candidates } => candidates.iter().any(|candidate| candidate.guid == guid),
        _ => false,
    };
    let hit = people::hits(services, &directory, &[guid]).await?.pop().filter(|_| offered).ok_or(Error::NotFound)?;
    let known = store::chosen_guids(services, draft).await.map_err(told)?.contains(&guid);
    let line = Judged { verdict: verdict(&hit, known), person: Some(hit.person), ..line };
    if !store::keep_line(services, draft, &line).await.map_err(told)? {
        return Err(Error::conflict(model::Conflict::TooManyPeople));
    }
    Ok(())
}

fn verdict(hit: &Hit, known: bool) -> Verdict {
    match (hit.obstacles.is_empty(), known) {
        (false, _) => Verdict::NotEligible { obstacles: hit.obstacles.clone() },
        (true, true) => Verdict::Known,
        (true, false) => Verdict::Added,
    }
}

/// What lines are judged by.
struct Judge {
    /// By [`people::key`].
    found: HashMap<String, Vec<Hit>>,
    bundles: Vec<Bundle>,
    /// On the draft before.
    known: HashSet<PersonGuid>,
}

impl Judge {
    fn lines(&self, rows: Vec<Row>) -> Vec<Judged> {
        let mut seen: HashMap<PersonGuid, u32> = HashMap::new();
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let (verdict, person, bundle) = self.line(&row);
            let first = person.as_ref().map(|person| *seen.entry(person.guid).or_insert(row.number));
            let verdict = match first {
                Some(first) if first != row.number => Verdict::Twice { first },
                _ => verdict,
            };
            lines.push(Judged {
                number: row.number,
                written: row.who,
                verdict,
                person,
                choice: Choice { bundle, tags: row.tags },
            });
        }
        lines
    }

    fn line(&self, row: &Row) -> (Verdict, Option<model::people::Person>, Option<BundleId>) {
        let unusable = |problem: String| (Verdict::Unusable { problem }, None, None);
        if let Some(problem) = &row.problem {
            return unusable(problem.clone());
        }
        let bundle = match &row.bundle {
            Some(written) => match self.bundle(written) {
                Some(bundle) => Some(bundle),
                None => return unusable(format!("The bundle \u{201c}{written}\u{201d} is not in this Region.")),
            },
            None => None,
        };
        match self.found.get(&people::key(&row.who)).map(Vec::as_slice).unwrap_or_default() {
            [] => (Verdict::NotFound, None, bundle),
            [hit] => (verdict(hit, self.known.contains(&hit.person.guid)), Some(hit.person.clone()), bundle),
            several => (Verdict::Ambiguous { candidates: several.iter().map(candidate).collect() }, None, bundle),
        }
    }

    /// By id, or by name: an own one before AWS's of the same name.
    fn bundle(&self, written: &str) -> Option<BundleId> {
        let named = |bundle: &&Bundle| bundle.name.eq_ignore_ascii_case(written);
        let by_id = self.bundles.iter().find(|bundle| bundle.id.as_str() == written);
        let own = self.bundles.iter().filter(named).find(|bundle| bundle.owner != "AMAZON");
        by_id.or(own).or_else(|| self.bundles.iter().find(named)).map(|bundle| bundle.id.clone())
    }
}

fn candidate(hit: &Hit) -> Candidate {
    let person = &hit.person;
    Candidate {
        guid: person.guid,
        name: person.name.clone(),
        account: person.account.clone(),
        mail: person.mail.clone(),
        department: person.department.clone(),
    }
}
