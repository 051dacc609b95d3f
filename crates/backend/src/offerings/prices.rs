//! Prices: sheets are taken in whole or not at all, and never change. The one in force in the configured Region is read for each price.

use chrono::NaiveDate;
use model::{
    DraftId, Error, PriceSheetId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    offerings::{Sheet, SheetDraft, SheetForm, SheetHead, SheetPage},
};
use uuid::Uuid;

use super::{parse, store::prices as rows};
use crate::{Services, audit, fault::told, sheet};

/// The largest file that is read, in bytes: thirty times a full sheet's.
pub const LARGEST_SHEET: usize = 1 << 20;

/// The sheet from which prices are read today; `None`: prices are not known.
pub(crate) async fn in_force(services: &Services) -> model::Result<Option<Sheet>> {
    rows::in_force(services, services.aws.region(), today(services)).await.map_err(told)
}

/// By the calendar of the installation.
fn today(services: &Services) -> NaiveDate {
    services.clock.now().with_timezone(&services.settings.time_zone).date_naive()
}

/// All sheets, by Region, the newest date first; and the configured Region.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor is an admin of all directories: prices are not of one.
pub async fn list(services: &Services, actor: &Actor) -> model::Result<(Vec<SheetHead>, String)> {
    actor.authorize_everywhere(Act::ManageOfferings)?;
    let heads = rows::heads(services, today(services), None).await.map_err(told)?;
    Ok((heads, services.aws.region().to_owned()))
}

/// One sheet with its lines.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`] as [`list`].
pub async fn get(services: &Services, actor: &Actor, id: PriceSheetId) -> model::Result<SheetPage> {
    actor.authorize_everywhere(Act::ManageOfferings)?;
    let head = rows::heads(services, today(services), Some(id)).await.map_err(told)?.pop().ok_or(Error::NotFound)?;
    let lines = rows::lines(services, id).await.map_err(told)?;
    Ok(SheetPage { head, lines: lines.iter().map(parse::row).collect() })
}

/// A sheet's file: its name, and the CSV that would be taken in as the same sheet.
///
/// # Errors
/// As [`get`].
pub async fn csv(services: &Services, actor: &Actor, id: PriceSheetId) -> model::Result<(String, String)> {
    let head = get(services, actor, id).await?.head;
    let example = if head.example { "-example" } else { "" };
    let name = format!("prices-{}-{}{example}.csv", head.region, head.number);
    Ok((name, parse::csv(&rows::lines(services, id).await.map_err(told)?)))
}

/// What a sheet's file looks like: the header, for somebody to write below.
pub fn template() -> String {
    parse::csv(&[])
}

/// Begins a sheet of the configured Region, from today on.
///
/// # Errors
/// As [`list`].
pub async fn begin(services: &Services, actor: &Actor) -> model::Result<DraftId> {
    actor.authorize_everywhere(Act::ManageOfferings)?;
    let form = SheetForm {
        region: services.aws.region().to_owned(),
        currency: "USD".to_owned(),
        valid_from: today(services).to_string(),
        ..SheetForm::default()
    };
    let id = DraftId(Uuid::now_v7());
    rows::insert_draft(services, actor, id, &form).await.map_err(told)?;
    Ok(id)
}

/// The actor's own draft of a sheet.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft, somebody else's, and one that was taken in; as [`list`].
pub async fn draft(services: &Services, actor: &Actor, id: DraftId) -> model::Result<SheetDraft> {
    actor.authorize_everywhere(Act::ManageOfferings)?;
    rows::draft(services, actor, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// Takes a sheet in, if nothing is wrong with it; else the draft keeps what was typed, and what is wrong with it, and `None` comes back.
/// The form's text is read from `bytes`, pasted or a file's. The sheet has the draft's id, so a second submit finds the first.
///
/// # Errors
/// As [`draft`].
pub async fn keep(
    services: &Services,
    actor: &Actor,
    id: DraftId,
    form: SheetForm,
    bytes: &[u8],
) -> model::Result<Option<PriceSheetId>> {
    actor.authorize_everywhere(Act::ManageOfferings)?;
    if rows::draft(services, actor, id).await.map_err(told)?.is_none() {
        let kept = rows::kept(services, actor, id.0).await.map_err(told)?;
        return if kept { Ok(Some(PriceSheetId(id.0))) } else { Err(Error::NotFound) };
    }
    let form = SheetForm { text: sheet::decode(bytes).0.into_owned(), ..form };
    let (terms, lines) = match (form.terms(today(services)), parse::lines(&form.text)) {
        (Ok(terms), Ok(lines)) => (terms, lines),
        (terms, lines) => {
            let errors: Vec<_> = [terms.err(), lines.err()].into_iter().flatten().flatten().collect();
            rows::save_draft(services, id, &form, &errors).await.map_err(told)?;
            return Ok(None);
        }
    };
    let sheet = PriceSheetId(id.0);
    let mut tx = services.db.begin().await.map_err(told)?;
    if rows::insert(&mut tx, services, actor, sheet, &terms, &lines).await.map_err(told)? {
        let valid_from = model::offerings::date(terms.valid_from);
        let name = format!("Prices of {} from {valid_from}", terms.region);
        let record = audit::Record {
            action: Action::KeepPrices,
            object: audit::Object { kind: "price_sheet", id: sheet.to_string(), name },
            person: None,
            detail: Some(format!("{} lines in {}", lines.len(), terms.currency)),
        };
        audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
        rows::forget_draft(&mut tx, id).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)?;
    Ok(Some(sheet))
}
