//! The server functions of cost centres.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData, Postcard},
};
use model::{
    CostCentreId, Page, PageRequest,
    cost_centres::{CostCentreDraft, CostCentreForm, CostCentreRow, Filter, ListDraft},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::{caller::caller, upload};
#[cfg(feature = "ssr")]
use backend::cost_centres;
#[cfg(feature = "ssr")]
use model::access::Act;

#[cfg(feature = "ssr")]
const ALL: &str = "/cost-centres";
/// The largest list that is read, in bytes.
#[cfg(feature = "ssr")]
const LARGEST_LIST: usize = 1 << 20;

/// One page of them.
#[server(output = Postcard, prefix = "/api", endpoint = "cost_centres/list", name = ListCostCentres)]
pub async fn list(#[server(default)] filter: Filter, page: PageRequest) -> Result<Page<CostCentreRow>, Failure> {
    let (services, actor) = caller(Act::SeeCostCentres).await?;
    Ok(cost_centres::list(&services, &actor, &filter, page).await?)
}

/// The form of one, or of a new one.
#[server(output = Postcard, prefix = "/api", endpoint = "cost_centres/draft", name = GetCostCentre)]
pub async fn draft(#[server(default)] id: Option<CostCentreId>) -> Result<CostCentreDraft, Failure> {
    let (services, actor) = caller(Act::ManageCostCentres).await?;
    Ok(cost_centres::draft(&services, &actor, id).await?)
}

/// Makes or changes one, or looks for its owner; what was typed is kept until it is right.
#[server(prefix = "/api", endpoint = "cost_centres/save", name = SaveCostCentre)]
pub async fn save(
    id: CostCentreId,
    seen: i32,
    #[server(default)] form: CostCentreForm,
    #[server(default)] act: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageCostCentres).await?;
    if act == "find" {
        cost_centres::find(&services, &actor, id, seen, form).await?;
        leptos_axum::redirect(&format!("{ALL}/{id}#q"));
    } else if cost_centres::save(&services, &actor, id, seen, form).await? {
        leptos_axum::redirect(&format!("{ALL}?saved=1"));
    } else {
        leptos_axum::redirect(&format!("{ALL}/{id}"));
    }
    Ok(())
}

/// Forgets what was typed and not saved.
#[server(prefix = "/api", endpoint = "cost_centres/discard", name = DiscardCostCentre)]
pub async fn discard(id: CostCentreId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageCostCentres).await?;
    cost_centres::discard(&services, &actor, id).await?;
    leptos_axum::redirect(ALL);
    Ok(())
}

/// Closes one to new requests, or opens it again.
#[server(prefix = "/api", endpoint = "cost_centres/set_open", name = OpenCostCentre)]
pub async fn set_open(id: CostCentreId, seen: i32, #[server(default)] open: bool) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageCostCentres).await?;
    cost_centres::set_open(&services, &actor, id, seen, open).await?;
    leptos_axum::redirect(&format!("{ALL}?saved=1&closed=1"));
    Ok(())
}

/// What the actor sent as a list and was not taken.
#[server(output = Postcard, prefix = "/api", endpoint = "cost_centres/typed_list", name = GetCostCentreList)]
pub async fn typed_list() -> Result<ListDraft, Failure> {
    let (services, actor) = caller(Act::ManageCostCentres).await?;
    Ok(cost_centres::typed_list(&services, &actor).await?)
}

/// Reads a list of them: a file, or what was pasted, which is kept until it is right. The form's fields are `text` and `file`.
#[server(input = MultipartFormData, prefix = "/api", endpoint = "cost_centres/import", name = ImportCostCentres)]
pub async fn import(data: MultipartData) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageCostCentres).await?;
    let list = upload::list(data, LARGEST_LIST).await?;
    match cost_centres::import(&services, &actor, &list.bytes).await? {
        Some(came) => {
            leptos_axum::redirect(&format!("{ALL}?made={}&changed={}&same={}", came.made, came.changed, came.same));
        }
        None => leptos_axum::redirect(&format!("{ALL}/list")),
    }
    Ok(())
}
