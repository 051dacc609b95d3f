//! The steps at the connector: it is changed in the AWS console, seen, and verified.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{DnsChange, DnsChangePage, Finding, Outcome, Shown};

use super::{
    Which,
    api::{AskDns, FinishDns, VerifyDns},
};
use crate::{
    directories::parts::{findings_table, pass_or_fail},
    ui::{Button, Code, Look, Notice, PostForm, Posts, Section, Tone, When},
};

/// What AWS shows is neither what was there nor what is wanted.
#[component]
pub(super) fn Wrong(found: DnsChangePage) -> impl IntoView {
    let DnsChangePage { change, directory, shown, .. } = found;
    let back_again = shown == Shown::AsBefore && change.changed.is_some();
    (change.state.is_live() && (shown == Shown::Otherwise || back_again)).then(|| {
        let title = if back_again { "AWS shows the old addresses again" } else { "AWS shows other addresses than wanted" };
        view! {
            <Notice tone=Tone::Danger title>
                <p>"AWS shows " <Code>{directory.dns.join(", ")}</Code> ", and it should be " <Code>{change.wanted().join(", ")}</Code> "."</p>
                <p>"Nothing goes on by itself from here. Correct the addresses in the AWS console; Frontdesk sees it by itself. If the change is not wanted any more, give it up below."</p>
            </Notice>
        }
    })
}

/// The step in the AWS console.
#[component]
pub(super) fn Connector(found: DnsChangePage) -> impl IntoView {
    let DnsChangePage { change, sent_lately, console, .. } = found;
    if !change.may_change {
        let sent = match sent_lately {
            0 => "Nobody was sent to AWS in the last 15 minutes.".to_owned(),
            1 => "1 person was sent to AWS in the last 15 minutes.".to_owned(),
            some => format!("{some} people were sent to AWS in the last 15 minutes."),
        };
        return view! {
            <Section title="Wait before the connector is changed">
                <p>
                    "Launches have to stand still for 15 minutes first. The connector may be changed from "
                    {change.opens.map(|stamp| view! { <b>{stamp.local}</b> })} ". " {sent}
                </p>
                <p class="quiet">"This page opens the way by itself then. Don\u{2019}t change the connector before."</p>
            </Section>
        }
        .into_any();
    }
    let (old, new, wanted) = (change.old.clone(), change.new.clone(), change.wanted().join(", "));
    view! {
        <Section title="Change the connector in the AWS console" lead="AWS has no other way to do it. Frontdesk looks every 30 seconds whether it is done.">
            <ol class="numbered">
                <li>
                    "Open the directory in the console: " <a href=console target="_blank" rel="external noopener noreferrer">"Directory Service, details"</a> "."
                </li>
                <li>"Choose \u{201c}DNS address\u{201d}, then \u{201c}Update\u{201d}."</li>
                <li>
                    "Change exactly this address: " <Code>{old}</Code> " becomes " <Code>{new}</Code>
                    ". Leave the others as they are: the connector then has " <Code>{wanted}</Code> "."
                </li>
            </ol>
            <PostForm action=AskDns::PATH label="Ask AWS now">
                <Which change />
                <div class="form-actions">
                    <Button disabled=Posts::pending(AskDns::PATH)>"I have done it: ask AWS now"</Button>
                </div>
            </PostForm>
        </Section>
    }
    .into_any()
}

/// The step after it.
#[component]
pub(super) fn Verify(change: DnsChange) -> impl IntoView {
    let verified = change.is_verified();
    let failed = change.verification.iter().filter(|finding| finding.outcome == Outcome::Fail).count();
    let words = if change.verified.is_some() { "Verify again" } else { "Verify now" };
    let looked = change.verified.clone().map(|moment| {
        let words = match failed {
            0 => "Nothing is wrong.".to_owned(),
            1 => "1 check failed.".to_owned(),
            some => format!("{some} checks failed."),
        };
        let findings: Vec<Finding> = change.verification.clone();
        view! {
            <p>{words} " Looked at " <When stamp=moment.at /> " by " {moment.by} "."</p>
            {findings_table("Verification", findings, pass_or_fail)}
        }
    });
    let (again, close) = (change.clone(), change.clone());
    view! {
        {change
            .early
            .then(|| {
                view! {
                    <Notice tone=Tone::Warning title="The connector was changed before launches had stood still for 15 minutes">
                        <p>"WorkSpaces that were launched just before may not have joined the domain. Look at the launches of the last hour, and rebuild those that nobody can sign in to."</p>
                    </Notice>
                }
            })}
        <Section title="Verify" lead="AWS shows the new address. Verify that its servers answer for the domain and that the connector is Active.">
            <div id="verify" tabindex="-1" class="plain-list">{looked}</div>
            <PostForm action=VerifyDns::PATH label="Verify">
                <Which change=again />
                <div class="form-actions">
                    <Button look=if verified { Look::Plain } else { Look::Primary } disabled=Posts::pending(VerifyDns::PATH)>
                        {words}
                    </Button>
                </div>
            </PostForm>
            {verified
                .then(|| {
                    view! {
                        <p>
                            "When launches go on, launch one person as a test and see their WorkSpace become AVAILABLE: it joins the domain through the new server."
                        </p>
                        <PostForm action=FinishDns::PATH label="Close this change">
                            <Which change=close.clone() />
                            <div class="form-actions">
                                <Button look=Look::Primary>"Close this change"</Button>
                            </div>
                        </PostForm>
                    }
                })}
        </Section>
    }
}
