//! `/settings/mail`: what one is told by mail, how often, and the last mails.

use leptos::{prelude::*, server_fn::ServerFn};
use model::notices::{Letter, LetterState, MailPage as Mails, Pace, Topic};

use super::api::{PreferMail, get};
use crate::ui::{
    Badge, Button, Empty, Look, Notice, Page, PageHeader, PostForm, Posts, Row, Section, SelectField, Table, Td, TextField, Th,
    Tone, When, loaded, reading, text, use_query_map,
};

/// One's own mails.
#[component]
pub fn MailPage() -> impl IntoView {
    let query = use_query_map();
    let page = reading(|| (), |()| get());
    let kept = move || query.with_untracked(|query| !text(query, "kept").is_empty());
    view! {
        <Page title="My mails" narrow=true>
            {loaded(
                page,
                move |mails| {
                    view! {
                        <PageHeader title="My mails" lead="What Frontdesk tells you by mail. What happens together comes in one mail, and everything stands in Frontdesk too." />
                        {kept().then(|| view! { <Notice tone=Tone::Success>"Kept. It holds for every mail from now on."</Notice> })}
                        <Choices mails=mails.clone() />
                        <Letters letters=mails.letters />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Choices(mails: Mails) -> impl IntoView {
    let Mails { preferences, address, address_known, usual_zone, .. } = mails;
    let topics = Topic::ALL
        .into_iter()
        .map(|topic| {
            let options = Pace::ALL.into_iter().map(|pace| (pace.as_str().to_owned(), pace.label().to_owned())).collect();
            let name = format!("form[{}]", topic.as_str());
            let value = preferences.pace(topic).as_str();
            view! { <SelectField name id=topic.as_str() label=topic.label() options value hint=topic.gloss() /> }
        })
        .collect_view();
    let goes = match (address, address_known) {
        (_, false) => view! { <p>"Active Directory does not answer, so it can\u{2019}t be said where they go."</p> }.into_any(),
        (Some(address), _) => view! { <p>"They go to " <strong>{address}</strong> ", as Active Directory has it."</p> }.into_any(),
        (None, true) => view! {
            <Notice tone=Tone::Warning title="No mail reaches you">
                <p>"Active Directory has no address of yours that mail can go to. Ask your administrator to enter one; until then look at Today and at your requests."</p>
            </Notice>
        }
        .into_any(),
    };
    view! {
        <Section title="What you are told">
            {goes}
            <PostForm action=PreferMail::PATH label="What you are told">
                {topics}
                <TextField
                    name="form[time_zone]"
                    id="time_zone"
                    label="Your time zone (optional)"
                    value=preferences.time_zone.unwrap_or_default()
                    hint=format!(
                        "The last day of a temporary desktop that you asked for is over at midnight there, and the mail of the day goes at eight there. Empty: {usual_zone} for mails, and the directory\u{2019}s own for desktops.",
                    )
                    autocomplete="off"
                    short=true
                />
                <div class="form-actions">
                    <Button look=Look::Primary disabled=Posts::pending(PreferMail::PATH)>
                        "Keep"
                    </Button>
                </div>
            </PostForm>
        </Section>
    }
}

#[component]
fn Letters(letters: Vec<Letter>) -> impl IntoView {
    if letters.is_empty() {
        return view! {
            <Empty title="No mail yet">
                <p>"The last ten mails to you will stand here, with whether your mail system\u{2019}s sender took them."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = letters
        .into_iter()
        .map(|letter| {
            let tone = match letter.state {
                LetterState::Sent => Tone::Success,
                LetterState::Sending => Tone::Info,
                LetterState::Unconfirmed => Tone::Warning,
                LetterState::Failed => Tone::Danger,
            };
            view! {
                <Row>
                    <Td label="Mail" main=true>
                        {letter.subject}
                    </Td>
                    <Td label="State">
                        <Badge tone text=letter.state.label() />
                    </Td>
                    <Td label="When">
                        <When stamp=letter.at />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section title="The last mails">
            <Table caption="The last mails to you">
                <thead>
                    <tr>
                        <Th>"Mail"</Th>
                        <Th>"State"</Th>
                        <Th>"When"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
    .into_any()
}
