//! `/people/{guid}`: "no mail, lost the code, can't get in".

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    Error, PersonGuid,
    access::Act,
    audit::Entry,
    launches::Summary,
    people::{InDirectory, Person, PersonPage as Found},
};

use super::{api::get, parts::Obstacles};
use crate::{
    Failure,
    audit::parts::EntryTable,
    invitations::parts::{InvitationTable, Resend},
    launches::parts::LaunchRow,
    ui::{
        Allowed, Back, Code, CopyButton, Fact, Facts, FreshnessLine, Gloss, Notice, Page, PageHeader, Section, Table, Th, Tone,
        WorkspaceBadge, loaded, reading,
    },
};

#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let guid = Memo::new(move |_| params.with(|params| params.get("guid").and_then(|guid| guid.parse::<PersonGuid>().ok())));
    let page = reading(
        move || guid.get(),
        |guid| async move {
            match guid {
                Some(guid) => get(guid).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="Person">
            {loaded(page, move |(found, record)| view! { <Content found record /> })}
        </Page>
    }
}

#[component]
fn Content(found: Found, record: Option<Vec<Entry>>) -> impl IntoView {
    let known_as = found.invitations.first().map(|invitation| invitation.name.clone());
    let name =
        found.person.as_ref().map(|person| person.name.clone()).or(known_as).unwrap_or_else(|| "Somebody who left".to_owned());
    let gone = found.person.is_none() && found.ad_problem.is_none();
    let places = found.places.into_iter().map(|place| view! { <Place place /> }).collect_view();
    view! {
        <PageHeader title=name back=Back::to("/people", "People") />
        {found.ad_problem.map(|problem| view! { <Notice tone=Tone::Warning title="Active Directory can't be asked">{problem} " What Frontdesk itself knows stands below."</Notice> })}
        {gone.then(|| view! { <Notice tone=Tone::Warning title="Not in Active Directory">"The entry was deleted or moved out of what Frontdesk may read. What Frontdesk itself knows stands below."</Notice> })}
        {found.person.map(|person| view! { <Card person /> })}
        {places}
        <FreshnessLine freshness=found.freshness />
        <Section title="Invitations">
            <InvitationTable invitations=found.invitations />
        </Section>
        {(!found.launches.is_empty()).then(|| view! { <Launches launches=found.launches /> })}
        {record.map(|entries| view! { <Section title="Record"><EntryTable entries /></Section> })}
    }
}

#[component]
fn Card(person: Person) -> impl IntoView {
    let fact = |label: &'static str, value: Option<String>| value.map(|value| view! { <Fact label><bdi>{value}</bdi></Fact> });
    view! {
        <Facts>
            <Fact label="Account">
                <Code>{person.account.clone()}</Code>
            </Fact>
            {fact("Mail", person.mail)}
            {fact("Phone", person.phone)}
            {fact("Department", person.department)}
            {fact("Title", person.title)}
            {fact("Office", person.office)}
            {fact("Manager", person.manager)}
            {fact("Cost centre", person.cost_centre)}
        </Facts>
    }
}

/// The person in one directory: can they get one, what have they, what is the code.
#[component]
fn Place(place: InDirectory) -> impl IntoView {
    let has = !place.workspaces.is_empty();
    let code = place.registration_code.clone();
    let workspaces = place
        .workspaces
        .into_iter()
        .map(|workspace| {
            let (id, shown) = (workspace.id.clone(), workspace.id.to_string());
            let can_be_invited = workspace.can_be_invited();
            let invited = workspace.invitation.is_some();
            view! {
                <li>
                    <A href=format!("/workspaces/{shown}")>
                        <Code>{shown.clone()}</Code>
                    </A>
                    " "
                    <WorkspaceBadge state=workspace.state />
                    <Gloss>{workspace.bundle} {workspace.running_mode.map(|mode| format!(" · {mode}"))}</Gloss>
                    {can_be_invited.then(|| view! { <Allowed act=Act::Invite><Resend workspace=id.clone() invited /></Allowed> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <Section title=place.directory_name>
            {(!has).then(|| view! { <Obstacles obstacles=place.obstacles.clone() /> })}
            <ul class="plain-list">{workspaces}</ul>
            {code
                .filter(|_| has)
                .map(|code| {
                    let shown = code.clone();
                    view! {
                        <p class="code-line">
                            "Registration code " <Code>{shown}</Code> " " <CopyButton text=code label="Copy the registration code" />
                        </p>
                    }
                })}
        </Section>
    }
}

#[component]
fn Launches(launches: Vec<Summary>) -> impl IntoView {
    let rows = launches.into_iter().map(|launch| view! { <LaunchRow launch /> }).collect_view();
    view! {
        <Section title="Launches">
            <Table caption="Launches" keys=false>
                <thead>
                    <tr>
                        <Th>"Launch"</Th>
                        <Th>"Progress"</Th>
                        <Th>"Started by"</Th>
                        <Th>"Started"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}
