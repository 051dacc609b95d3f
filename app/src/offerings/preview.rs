//! `/offerings/draft/{draft}/preview`.

use leptos::{either::EitherOf3, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    DraftId, Error,
    offerings::{Card, Preview},
};

use super::{
    api::{PublishOffering, preview},
    parts::{OfferCard, Published, Said},
};
use crate::{
    Failure,
    ui::{
        Back, Button, ErrorSummary, LinkButton, Look, Notice, Page, PageHeader, PostForm, Posts, Section, Tone, loaded, reading,
    },
};

/// A draft as managers would see it, and the button that publishes it.
#[component]
pub fn PreviewPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("draft").and_then(|id| id.parse().ok())));
    let page = reading(move || id.get(), |id: Option<DraftId>| async move { preview(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="Preview of an offering" narrow=true>
            {loaded(
                page,
                |found: Preview| {
                    let edit = format!("/offerings/draft/{}", found.draft.id);
                    let errors = found.draft.errors.clone();
                    view! {
                        <PageHeader title="Look before it is published" back=Back::to(edit.clone(), "The form") />
                        {match (found.draft.published, found.card.clone()) {
                            (Some(offering), _) => EitherOf3::A(view! { <Published offering /> }),
                            (None, Some(card)) => EitherOf3::B(view! { <Content found card edit /> }),
                            (None, None) => {
                                EitherOf3::C(
                                    view! {
                                        <ErrorSummary errors />
                                        <LinkButton href=edit>"Back to the form"</LinkButton>
                                    },
                                )
                            }
                        }}
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Content(found: Preview, card: Card, edit: String) -> impl IntoView {
    let Preview { draft, facts, difference, .. } = found;
    let unchanged = draft.of.is_some() && difference.is_none();
    let becomes = match (draft.of, difference) {
        (None, _) => "Managers can ask for it at once.".to_owned(),
        (Some((_, base)), Some(difference)) => {
            format!("It becomes version {}. Changed: {difference}. Requests that run keep their version.", base + 1)
        }
        (Some((_, base)), None) => format!("Nothing is different from version {base}, so no version is made."),
    };
    view! {
        <Section title="What a manager sees">
            <OfferCard card />
        </Section>
        <Said facts />
        <Notice tone=Tone::Info title="What will happen">
            {becomes}
        </Notice>
        <div class="form-actions">
            <LinkButton href=edit look=Look::Quiet>
                "Back to the form"
            </LinkButton>
            <PostForm action=PublishOffering::PATH>
                <input type="hidden" name="draft" value=draft.id.to_string() />
                <input type="hidden" name="seen" value=draft.seen.to_string() />
                <Button look=Look::Primary disabled=Posts::pending(PublishOffering::PATH)>
                    {if unchanged { "Leave it as it is" } else { "Publish" }}
                </Button>
            </PostForm>
        </div>
    }
}
