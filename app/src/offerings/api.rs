//! The server functions of offerings and their prices.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData, Postcard},
};
use model::{
    DraftId, OfferingId, PriceSheetId,
    directories::Freshness,
    launches::DesktopForm,
    offerings::{Draft, OfferingForm, OfferingPage, Overview, Preview, SheetDraft, SheetHead, SheetPage},
    workspaces::Bundle,
};

use crate::{Failure, launches::api::Turn};
#[cfg(feature = "ssr")]
use crate::{caller::caller, upload};
#[cfg(feature = "ssr")]
use backend::offerings::{self, drafts, prices as sheets};
#[cfg(feature = "ssr")]
use model::{
    access::Act,
    offerings::{SheetForm, State},
};

/// All offerings, and one's own drafts.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/overview", name = OfferingsOverview)]
pub async fn overview() -> Result<Overview, Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    Ok(offerings::overview(&services, &actor).await?)
}

/// One offering with its versions.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/get", name = GetOffering)]
pub async fn get(id: OfferingId) -> Result<OfferingPage, Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    Ok(offerings::get(&services, &actor, id).await?)
}

/// A draft with what it can be made of: bundles, and directories by id and name.
pub type Editing = (Draft, Vec<Bundle>, Vec<(String, String)>, Freshness);

/// One's own draft.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/draft", name = GetOfferingDraft)]
pub async fn draft(id: DraftId) -> Result<Editing, Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let draft = drafts::get(&services, &actor, id).await?;
    let (bundles, freshness) = backend::workspaces::bundles(&services, &actor).await?;
    let directories = backend::directories::list(&services, &actor).await?.0;
    let directories = directories.into_iter().map(|directory| (directory.id.to_string(), directory.name)).collect();
    Ok((draft, bundles, directories, freshness))
}

/// One's own draft as managers would see it.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/preview", name = GetOfferingPreview)]
pub async fn preview(id: DraftId) -> Result<Preview, Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    Ok(drafts::preview(&services, &actor, id).await?)
}

/// Begins a new offering, or the change of one.
#[server(prefix = "/api", endpoint = "offerings/begin", name = BeginOffering)]
pub async fn begin(#[server(default)] of: Option<OfferingId>) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let draft = drafts::begin(&services, &actor, of).await?;
    leptos_axum::redirect(&format!("/offerings/draft/{draft}"));
    Ok(())
}

/// Keeps the form, right or wrong, and goes on if it is right.
#[server(prefix = "/api", endpoint = "offerings/save", name = SaveOffering)]
pub async fn save(
    draft: DraftId,
    #[server(default)] form: OfferingForm,
    #[server(default)] desktop: DesktopForm,
    #[server(default)] turn: Turn,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let right = drafts::save(&services, &actor, draft, OfferingForm { desktop, ..form }).await?;
    let here = format!("/offerings/draft/{draft}");
    if turn.to == "narrow" {
        leptos_axum::redirect(&crate::ui::url(&here, &[("bundle_q".to_owned(), turn.narrow)]));
    } else if right {
        leptos_axum::redirect(&format!("{here}/preview"));
    } else {
        leptos_axum::redirect(&here);
    }
    Ok(())
}

/// Publishes the draft as it was seen; a second time finds the first.
#[server(prefix = "/api", endpoint = "offerings/publish", name = PublishOffering)]
pub async fn publish(draft: DraftId, seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let offering = drafts::publish(&services, &actor, draft, seen).await?;
    leptos_axum::redirect(&format!("/offerings/{offering}"));
    Ok(())
}

/// Throws the draft away.
#[server(prefix = "/api", endpoint = "offerings/discard", name = DiscardOffering)]
pub async fn discard(draft: DraftId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    drafts::discard(&services, &actor, draft).await?;
    leptos_axum::redirect("/offerings");
    Ok(())
}

/// Closes an offering, or opens it again, as it was seen.
#[server(prefix = "/api", endpoint = "offerings/set_open", name = SetOfferingOpen)]
pub async fn set_open(id: OfferingId, open: bool, seen: u32) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let state = if open { State::Open } else { State::Closed };
    offerings::set_state(&services, &actor, id, state, seen).await?;
    leptos_axum::redirect(&format!("/offerings/{id}"));
    Ok(())
}

/// All price sheets, and the configured Region.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/prices", name = ListPrices)]
pub async fn prices() -> Result<(Vec<SheetHead>, String), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    Ok(sheets::list(&services, &actor).await?)
}

/// One sheet with its lines.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/sheet", name = GetSheet)]
pub async fn sheet(id: PriceSheetId) -> Result<SheetPage, Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    Ok(sheets::get(&services, &actor, id).await?)
}

/// One's own draft of a sheet.
#[server(output = Postcard, prefix = "/api", endpoint = "offerings/sheet_draft", name = GetSheetDraft)]
pub async fn sheet_draft(id: DraftId) -> Result<SheetDraft, Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    Ok(sheets::draft(&services, &actor, id).await?)
}

/// Begins a sheet.
#[server(prefix = "/api", endpoint = "offerings/begin_sheet", name = BeginSheet)]
pub async fn begin_sheet() -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let draft = sheets::begin(&services, &actor).await?;
    leptos_axum::redirect(&format!("/offerings/prices/draft/{draft}"));
    Ok(())
}

/// Takes a sheet in if it is right, else keeps it as a draft. The form's fields are `draft`, `region`, `currency`, `valid_from`, `note`,
/// `text` and `file`.
#[server(input = MultipartFormData, prefix = "/api", endpoint = "offerings/keep_sheet", name = KeepSheet)]
pub async fn keep_sheet(data: MultipartData) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageOfferings).await?;
    let sent = upload::form(data, sheets::LARGEST_SHEET).await?;
    let draft: DraftId = sent.id("draft")?;
    let form = SheetForm {
        region: sent.field("region"),
        currency: sent.field("currency"),
        valid_from: sent.field("valid_from"),
        note: sent.field("note"),
        text: String::new(),
    };
    match sheets::keep(&services, &actor, draft, form, &sent.bytes).await? {
        Some(sheet) => leptos_axum::redirect(&format!("/offerings/prices/{sheet}")),
        None => leptos_axum::redirect(&format!("/offerings/prices/draft/{draft}")),
    }
    Ok(())
}
