//! `/approvals/absence`: who decides in one's place, and in whose place one decides.

use leptos::{prelude::*, server_fn::ServerFn};
use model::requests::{Absence, AbsencePage as Whole};

use super::api::{EndAbsence, NameStandIn, absence};
use crate::ui::{Back, Button, Look, Notice, Page, PageHeader, PostForm, Posts, Section, TextField, Tone, loaded, reading};

/// While one is away.
#[component]
pub fn AbsencePage() -> impl IntoView {
    let page = reading(|| (), |()| absence());
    view! { <Page title="While I am away" narrow=true>{loaded(page, |whole| view! { <Content whole /> })}</Page> }
}

#[component]
fn Content(whole: Whole) -> impl IntoView {
    let Whole { own, others, known, first_day } = whole;
    view! {
        <PageHeader
            title="While I am away"
            lead="Somebody else decides what is asked of you by name, and gets the mails about it. What waits for anybody with a role has others already."
            back=Back::to("/approvals", "Approvals")
        />
        {if known {
            view! {
                {own.map(|own| view! { <Own own /> })}
                <Name first_day />
            }
                .into_any()
        } else {
            view! {
                <Notice tone=Tone::Warning title="Nobody is asked by your name">
                    <p>"Your account has no entry in Active Directory. Ask your administrator to connect it."</p>
                </Notice>
            }
                .into_any()
        }}
        {(!others.is_empty()).then(|| view! { <Others others /> })}
    }
}

fn days(absence: &Absence) -> String {
    if absence.from == absence.until {
        format!("on {}", absence.from)
    } else {
        format!("from {} to {}", absence.from, absence.until)
    }
}

#[component]
fn Own(own: Absence) -> impl IntoView {
    let title = format!("{} {} in your place {}", own.name, if own.is_now { "decides" } else { "will decide" }, days(&own));
    view! {
        <Notice tone=Tone::Info title>
            <p>"You can decide all the same. What one of you has decided is decided."</p>
            <PostForm action=EndAbsence::PATH>
                <Button disabled=Posts::pending(EndAbsence::PATH)>"I decide alone again"</Button>
            </PostForm>
        </Notice>
    }
}

#[component]
fn Name(first_day: String) -> impl IntoView {
    view! {
        <Section title="Who decides in your place" lead="Naming somebody takes the place of what was said before. Nobody decides on their own request, nor on one for themselves, in anybody\u{2019}s place.">
            <PostForm action=NameStandIn::PATH label="Who decides in your place">
                <TextField
                    name="form[who]"
                    id="who"
                    label="Account or mail address"
                    hint="Of somebody who asks for desktops or approves them."
                    autocomplete="off"
                    required=true
                />
                <TextField name="form[from]" id="from" label="First day" kind="date" value=first_day required=true short=true />
                <TextField name="form[until]" id="until" label="Last day" kind="date" required=true short=true />
                <div class="form-actions">
                    <Button look=Look::Primary disabled=Posts::pending(NameStandIn::PATH)>
                        "Let them decide"
                    </Button>
                </div>
            </PostForm>
        </Section>
    }
}

#[component]
fn Others(others: Vec<Absence>) -> impl IntoView {
    let others = others.into_iter().map(|other| {
        let days = days(&other);
        view! { <li><bdi>{other.name}</bdi> ", " {days}</li> }
    });
    view! {
        <Section title="In whose place you decide">
            <ul>{others.collect_view()}</ul>
        </Section>
    }
}
