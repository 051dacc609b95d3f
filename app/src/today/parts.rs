//! The pieces of the start page in which something can be pressed.

use leptos::prelude::*;
use leptos_router::components::A;
use model::invitations::{Invitation, Waiting};

use crate::{
    invitations::parts::{HeldBack, InvitationTable},
    ui::{Icon, IconName, LinkButton, Section, Tone},
};

/// Invitations about which somebody has to do something, each with what that may be. Nothing if there is none.
#[component]
pub fn Invitations(waiting: Waiting) -> impl IntoView {
    let part = |title: &'static str, lead: &'static str, rows: Vec<Invitation>, total: i64, all: &'static str| {
        let more = total > i64::try_from(rows.len()).unwrap_or(i64::MAX);
        (total > 0).then(|| {
            view! {
                <Section title lead>
                    <InvitationTable invitations=rows />
                    {more.then(|| view! { <LinkButton href=all small=true>{format!("All {total}")}</LinkButton> })}
                </Section>
            }
        })
    };
    let never = waiting.never_opened;
    view! {
        {waiting.held.map(|held| view! { <HeldBack held /> })}
        {part(
            "Sent or not?",
            "The mail service's answer was lost. Find out whether the person has the mail, or send it again.",
            waiting.undecided,
            waiting.undecided_total,
            "/invitations?state=unconfirmed",
        )}
        {part(
            "Refused by the mail service",
            "Nobody got these. Put the address right in Active Directory, then send again.",
            waiting.refused,
            waiting.refused_total,
            "/invitations?state=failed",
        )}
        {(never > 0)
            .then(|| {
                let words = if never == 1 { "invitation sent" } else { "invitations sent" };
                view! {
                    <Section title="Waits for somebody">
                        <ul class="waiting">
                            <li class=Tone::Warning.class()>
                                <A href="/invitations?never_opened=1">
                                    <Icon name=Tone::Warning.icon() />
                                    <b>{never}</b>
                                    <span>{format!("{words} over three days ago and never opened")}</span>
                                    <Icon name=IconName::Next />
                                </A>
                            </li>
                        </ul>
                    </Section>
                }
            })}
    }
}
