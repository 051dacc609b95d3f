//! `/directories/readiness`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use model::directories::{
    Outcome,
    readiness::{Area, EnteredQuota, Part, PolicyChoice, Readiness, Report},
};

use super::{
    api::{CheckReadiness, EnterQuota, readiness},
    parts::{Save, findings_table},
};
use crate::ui::{
    Back, Button, Checkbox, CodeBlock, CopyButton, Empty, Live, Look, Notice, Page, PageHeader, PostForm, Posts, Section,
    TextField, Tone, When, loaded, reading, url, use_query_map,
};

const PATH: &str = "/directories/readiness";

/// Whether everything outside is ready, each thing with its cure, and what AWS has to allow.
#[component]
pub fn ReadinessPage() -> impl IntoView {
    let query = use_query_map();
    let is_true = move |name: &str| query.with(|query| query.get(name).is_some_and(|value| value == "true"));
    let choice = Memo::new(move |_| PolicyChoice::from_query(is_true));
    let page = reading(move || choice.get(), readiness);
    view! {
        <Page title="Readiness">
            {loaded(page, |page: Readiness| view! { <Content page /> })}
        </Page>
    }
}

#[component]
fn Content(page: Readiness) -> impl IntoView {
    let Readiness { report, entered, choice, policy } = page;
    let found = match report {
        None => Either::Left(view! { <Before /> }),
        Some(report) => Either::Right(view! { <Found report entered /> }),
    };
    view! {
        <PageHeader
            title="Readiness"
            lead="Whether everything that launches and invitations need is ready: AWS, Active Directory and mail."
            back=Back::to("/directories", "Directories")
        >
            <CheckNow />
        </PageHeader>
        {found}
        <Policy choice policy />
    }
}

#[component]
fn CheckNow() -> impl IntoView {
    let pending = Posts::pending(CheckReadiness::PATH);
    view! {
        <PostForm action=CheckReadiness::PATH>
            <Button look=Look::Primary disabled=pending>
                {move || if pending.get() { "Checking\u{2026}" } else { "Check now" }}
            </Button>
            <Live hidden=true>{move || pending.get().then_some("Asking AWS, Active Directory and SES. This takes some seconds.")}</Live>
        </PostForm>
    }
}

/// What the page will tell.
#[component]
fn Before() -> impl IntoView {
    let areas = Area::ALL.into_iter().map(|area| {
        view! {
            <li>
                <b>{area.title()}</b>
                ": "
                {area.gloss()}
            </li>
        }
    });
    view! {
        <Empty title="Nothing was checked yet">
            <p>"\u{201c}Check now\u{201d} asks each of these once and changes nothing. It takes some seconds. What is not ready will stand here with its cure:"</p>
            <ul>{areas.collect_view()}</ul>
        </Empty>
    }
}

#[component]
fn Found(report: Report, entered: Option<EnteredQuota>) -> impl IntoView {
    let asks = report.asks_for_quota;
    let summary = view! { <Summary report=report.clone() /> };
    let part = |Part { area, findings }: Part| {
        let quota = (area == Area::Quotas && asks).then(|| view! { <Quota entered=entered.clone() /> });
        view! {
            <Section title=area.title()>
                {findings_table(area.title(), findings, Outcome::word)} {quota}
            </Section>
        }
    };
    let parts = report.parts.into_iter().map(part).collect_view();
    view! {
        {summary}
        {parts}
    }
}

#[component]
fn Summary(report: Report) -> impl IntoView {
    let count = |outcome| report.count(outcome);
    let tone = match (count(Outcome::Fail), count(Outcome::Note)) {
        (0, 0) => Tone::Success,
        (0, _) => Tone::Warning,
        _ => Tone::Danger,
    };
    let sum = format!(
        "{} to look at, {} can\u{2019}t be checked from here, {} ready. ",
        count(Outcome::Note),
        count(Outcome::CantTell),
        count(Outcome::Pass)
    );
    view! {
        <Notice tone title=report.headline()>
            <p>{sum} {format!("Checked by {} ", report.by)} <When stamp=report.at /></p>
        </Notice>
    }
}

/// Asks for what AWS does not tell.
#[component]
fn Quota(entered: Option<EnteredQuota>) -> impl IntoView {
    let value = entered.as_ref().map(|entered| entered.granted.to_string()).unwrap_or_default();
    let before =
        entered.map(|entered| view! { <p class="quiet">{format!("Entered by {} ", entered.by)} <When stamp=entered.at /></p> });
    view! {
        <PostForm action=EnterQuota::PATH label="Quota of WorkSpaces">
            <TextField
                name="quota"
                label="WorkSpaces that AWS allows"
                value
                hint="AWS does not tell Frontdesk. Look at Service Quotas, Amazon WorkSpaces, \u{201c}WorkSpaces\u{201d}, and enter the applied number."
                inputmode="numeric"
                autocomplete="off"
                short=true
            />
            {before}
            <Save part="quota" label="Save the quota" said="Saved" />
        </PostForm>
    }
}

#[component]
fn Policy(choice: PolicyChoice, policy: String) -> impl IntoView {
    let boxes = choice
        .boxes()
        .into_iter()
        .map(|(name, label, hint, checked)| view! { <Checkbox name value="true" label hint checked /> });
    let download = url(&format!("{PATH}/policy.json"), &choice.query());
    let shown = policy.clone();
    view! {
        <Section
            title="IAM policy"
            lead="The least that the role or user of Frontdesk needs at AWS. Launching and inviting are always in it; tick what else you use."
        >
            <form method="get" action=PATH>
                <input type="hidden" name="chosen" value="true" />
                <div>{boxes.collect_view()}</div>
                <div class="form-actions">
                    <Button>"Show the policy"</Button>
                    <a class="button" href=download rel="external" download="frontdesk-iam-policy.json">
                        "Download it"
                    </a>
                </div>
            </form>
            <CodeBlock label="IAM policy">{shown}</CodeBlock>
            <CopyButton text=policy label="Copy the policy" />
        </Section>
    }
}
