//! `/cost-centres`.

use leptos::{either::Either, prelude::*};
use leptos_router::components::A;
use model::{
    access::Act,
    cost_centres::{CostCentreRow, Filter},
};

use super::api::list;
use crate::ui::{
    Allowed, Badge, BudgetBar, Checkbox, Empty, FilterBar, Gloss, LinkButton, Live, Look, Page, PageHeader, Pagination, Row,
    SearchField, Table, Td, Th, Tone, loaded, may, page_request, reading, text, use_query_map,
};

/// Who pays for desktops, and what is left of their caps.
#[component]
pub fn CostCentresPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|query| Filter { q: text(query, "q"), closed: text(query, "closed") == "1" }));
    let page = reading(move || (filter.get(), query.with(page_request)), |(filter, request)| list(filter, request));
    view! {
        <Page title="Cost centres">
            {loaded(
                page,
                move |page| {
                    let filter = filter.get_untracked();
                    let closed = if filter.closed { "1" } else { "" };
                    let keep = vec![("q".to_owned(), filter.q.clone()), ("closed".to_owned(), closed.to_owned())];
                    let (q, with_closed) = (filter.q.clone(), filter.closed);
                    let empty = page.rows.is_empty();
                    view! {
                        <PageHeader
                            title="Cost centres"
                            lead="Who pays for desktops. The cap is on what all desktops of one cost a month: those that are approved, and those that are asked for."
                        >
                            <Allowed act=Act::ManageCostCentres>
                                <LinkButton href="/cost-centres/list">"Read a list"</LinkButton>
                                <LinkButton href="/cost-centres/new" look=Look::Primary>
                                    "New cost centre"
                                </LinkButton>
                            </Allowed>
                        </PageHeader>
                        <Told />
                        <FilterBar action="/cost-centres">
                            <SearchField name="q" label="Number, name or owner" value=q />
                            <Checkbox name="closed" value="1" label="Closed ones too" checked=with_closed />
                        </FilterBar>
                        {if empty {
                            Either::Left(view! { <Nothing filter /> })
                        } else {
                            Either::Right(view! { <Centres rows=page.rows /> })
                        }}
                        <Pagination path="/cost-centres" query=keep request=page.request total=page.total />
                    }
                },
            )}
        </Page>
    }
}

/// What the form that led here came to.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    let words = move || {
        query.with(|query| {
            let count = |name: &str| text(query, name).parse::<u32>().ok();
            match (count("made"), count("changed"), count("same")) {
                (Some(made), Some(changed), Some(same)) => {
                    Some(format!("List read: {made} made, {changed} changed, {same} as they were."))
                }
                _ => query.get("saved").map(|_| "Saved.".to_owned()),
            }
        })
    };
    view! { <Live>{move || words().map(|words| view! { <Badge tone=Tone::Success text=words /> })}</Live> }
}

#[component]
fn Nothing(filter: Filter) -> impl IntoView {
    if filter == Filter::default() {
        view! {
            <Empty title="No cost centre yet">
                <p>"Each cost centre will stand here with its owner, its monthly cap and what is left of it. Requests name one, so that its owner and its cap are heard."</p>
            </Empty>
        }
    } else {
        view! {
            <Empty title="Nothing matches">
                <p>"No cost centre fits this filter. Try fewer words, or look at closed ones too."</p>
                <LinkButton href="/cost-centres">"Show all that are open"</LinkButton>
            </Empty>
        }
    }
}

#[component]
fn Centres(rows: Vec<CostCentreRow>) -> impl IntoView {
    let change = may(Act::ManageCostCentres);
    let rows = rows.into_iter().map(|row| view! { <Centre row change /> }).collect_view();
    view! {
        <Table caption="Cost centres">
            <thead>
                <tr>
                    <Th>"Cost centre"</Th>
                    <Th>"Owner"</Th>
                    <Th>"A month"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Centre(row: CostCentreRow, change: bool) -> impl IntoView {
    let title = format!("{} {}", row.number, row.name);
    let title = if change {
        Either::Left(view! { <A href=format!("/cost-centres/{}", row.id)>{title}</A> })
    } else {
        Either::Right(view! { <b>{title}</b> })
    };
    view! {
        <Row>
            <Td label="Cost centre" main=true>
                {title}
                {(!row.open).then(|| view! { <Gloss><Badge tone=Tone::Neutral text="Closed" /></Gloss> })}
            </Td>
            <Td label="Owner">
                <bdi>{row.owner.name}</bdi>
                <Gloss>{row.owner.account}</Gloss>
            </Td>
            <Td label="A month">
                <BudgetBar budget=row.budget />
            </Td>
        </Row>
    }
}
