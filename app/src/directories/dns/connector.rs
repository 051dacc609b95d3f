//! The steps at the connector: it is changed in the AWS console, seen, and verified.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{DnsChange, DnsChangePage};

use super::{
    Which,
    api::{AskDns, FinishDns, VerifyDns},
};
use crate::ui::{Button, Code, Look, Notice, PostForm, Posts, Section, Tone};

/// The step in the AWS console.
#[component]
pub(super) fn Connector(found: DnsChangePage) -> impl IntoView {
    let DnsChangePage { change, console, .. } = found;
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
}

/// The step after it.
#[component]
pub(super) fn Verify(change: DnsChange, looked: String) -> impl IntoView {
    let verified = change.is_verified();
    let words = if change.verified.is_some() { "Verify again" } else { "Verify now" };
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
            <div id="verify" tabindex="-1" class="plain-list" inner_html=looked></div>
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
