//! A valid body for each server function, with the rows of which they speak.

use std::collections::BTreeMap;

use model::access::Act;
use uuid::Uuid;

use crate::{
    browser::multipart,
    house::{DIRECTORY, House},
};

/// What a call needs: an act, or only a session.
type Needs = Option<Act>;

/// The rows that the sample bodies speak of.
pub(super) struct Rows {
    draft: Uuid,
    launch: Uuid,
    person: Uuid,
    session: Uuid,
    invitation: Uuid,
}

impl Rows {
    pub(super) async fn write(house: &House) -> Self {
        let (draft, launch, person) = (Uuid::now_v7(), Uuid::now_v7(), house.guid("anna.nordwind"));
        sqlx::query("insert into launch_draft (id, owner, directory_id, bundle, created_at, changed_at) values ($1, $2, $3, 'wsb-own000001', now(), now())")
            .bind(draft)
            .bind(house.guid("hkeller").to_string())
            .bind(DIRECTORY)
            .execute(&house.db)
            .await
            .unwrap();
        sqlx::query(
            "insert into directory_connect (id, owner, owner_name, created_at, changed_at) values ($1, $2, 'A', now(), now())",
        )
        .bind(draft)
        .bind(house.guid("amoreau").to_string())
        .execute(&house.db)
        .await
        .unwrap();
        sqlx::query("insert into launch_draft_person (draft_id, person_guid, account, name) values ($1, $2, 'anna.nordwind', 'Anna Nordwind')")
            .bind(draft)
            .bind(person)
            .execute(&house.db)
            .await
            .unwrap();
        sqlx::query("insert into launch (id, directory_id, started_by, started_by_name, started_at, running_mode, tags) values ($1, $2, 's', 'S', now(), 'ALWAYS_ON', '[]')")
            .bind(launch)
            .bind(DIRECTORY)
            .execute(&house.db)
            .await
            .unwrap();
        for (account, state) in [("ben.nordwind", "failed"), ("ida.nordwind", "queued")] {
            sqlx::query(
                "insert into launch_item (id, launch_id, directory_id, position, person_guid, account, name, mail, bundle_id, state, state_since)
                 values ($1, $2, $3, 1, $4, $5, $5, 'x@corp.example.com', 'wsb-own000001', $6, now())",
            )
            .bind(Uuid::now_v7())
            .bind(launch)
            .bind(DIRECTORY)
            .bind(house.guid(account))
            .bind(account)
            .bind(state)
            .execute(&house.db)
            .await
            .unwrap();
        }
        house.workspace("ws-000000001", "carsten.nordwind").await;
        sqlx::query(
            "insert into dns_change (id, directory_id, old_address, new_address, before_addresses, seen_addresses, begun_at, begun_by,
                                     begun_by_name, findings)
             values ($1, $2, '10.20.0.10', '10.20.0.12', array['10.20.0.10'], array['10.20.0.10'], now(), 's', 'S', '[]')",
        )
        .bind(draft)
        .bind(DIRECTORY)
        .execute(&house.db)
        .await
        .unwrap();
        sqlx::query(
            "insert into workspace_batch_draft (id, owner, action, workspaces, created_at)
             values ($1, $2, 'reboot', array['ws-000000001'], now())",
        )
        .bind(draft)
        .bind(house.guid("hkeller").to_string())
        .execute(&house.db)
        .await
        .unwrap();
        sqlx::query("insert into offering_draft (id, owner, form, changed_at) values ($1, $2, '{}', now())")
            .bind(draft)
            .bind(house.guid("amoreau").to_string())
            .execute(&house.db)
            .await
            .unwrap();
        let invitation = house.unconfirmed("ws-000000001", "carsten.nordwind").await;
        house.signed_in("jsmith").await;
        let session = sqlx::query_scalar("select handle from session").fetch_one(&house.db).await.unwrap();
        Self { draft, launch, person, session, invitation }
    }

    /// A valid body for each server function, and what it needs.
    /// By address: a valid body, and what the call needs.
    pub(super) fn samples(&self) -> BTreeMap<&'static str, (String, Needs)> {
        let Self { draft, launch, person, session, invitation } = self;
        let page = "page[number]=1&page[size]=25";
        let sample = |body: String, act: Act| (body, Some(act));
        let list = multipart(&[("draft", draft.to_string().as_bytes()), ("text", b"anna.nordwind")]);
        let list = String::from_utf8(list).unwrap();
        let centres = String::from_utf8(multipart(&[("text", b"4712,Sales,anna.nordwind,,EUR")])).unwrap();
        let dns = format!("directory={DIRECTORY}&id={draft}");
        let outcomes = multipart(&[
            ("directory", DIRECTORY.as_bytes()),
            ("id", draft.to_string().as_bytes()),
            ("text", b"ws-000000001,done"),
        ]);
        let outcomes = String::from_utf8(outcomes).unwrap();
        let sheet = multipart(&[("draft", draft.to_string().as_bytes()), ("region", b"eu-central-1"), ("text", b"compute")]);
        let sheet = String::from_utf8(sheet).unwrap();
        BTreeMap::from([
            ("/api/access/me", (String::new(), None)),
            ("/api/access/theme", ("theme=dark".to_owned(), None)),
            ("/api/access/sessions", sample(page.to_owned(), Act::EndSessions)),
            ("/api/access/end_session", sample(format!("handle={session}"), Act::EndSessions)),
            ("/api/audit/list", sample(format!("filter[q]=&{page}"), Act::SeeAudit)),
            ("/api/budget/status", sample(String::new(), Act::SeeBudget)),
            ("/api/cost_centres/list", sample(format!("filter[q]=&{page}"), Act::SeeCostCentres)),
            ("/api/cost_centres/draft", sample(String::new(), Act::ManageCostCentres)),
            (
                "/api/cost_centres/save",
                sample(
                    format!("id={draft}&seen=0&form[number]=4711&form[name]=IT&form[owner]={person}&form[currency]=EUR"),
                    Act::ManageCostCentres,
                ),
            ),
            ("/api/cost_centres/discard", sample(format!("id={draft}"), Act::ManageCostCentres)),
            ("/api/cost_centres/set_open", sample(format!("id={draft}&seen=1&open=false"), Act::ManageCostCentres)),
            ("/api/cost_centres/typed_list", sample(String::new(), Act::ManageCostCentres)),
            ("/api/cost_centres/import", sample(centres, Act::ManageCostCentres)),
            ("/api/directories/list", sample(String::new(), Act::SeeDesktops)),
            ("/api/directories/get", sample(format!("id={DIRECTORY}"), Act::SeeDesktops)),
            ("/api/directories/overview", sample(String::new(), Act::SeeDesktops)),
            ("/api/directories/draft", sample(format!("id={draft}"), Act::ManageDirectories)),
            ("/api/directories/begin", sample("like=".to_owned(), Act::ManageDirectories)),
            ("/api/directories/read_network", sample(format!("draft={draft}"), Act::ManageDirectories)),
            (
                "/api/directories/save_network",
                sample(format!("draft={draft}&vpc=vpc-0a1b2c3d&subnets[]=subnet-0a1b2c3d"), Act::ManageDirectories),
            ),
            (
                "/api/directories/save_domain",
                sample(
                    format!("draft={draft}&form[dns_name]=corp.example.com&form[dns_1]=127.0.0.1&form[size]=Small"),
                    Act::ManageDirectories,
                ),
            ),
            ("/api/directories/look", sample(format!("draft={draft}"), Act::ManageDirectories)),
            (
                "/api/directories/connect",
                sample(
                    format!("draft={draft}&seen=1&account=a&password=long+enough&password_again=long+enough"),
                    Act::ManageDirectories,
                ),
            ),
            ("/api/directories/registering", sample(format!("id={DIRECTORY}"), Act::ManageDirectories)),
            (
                "/api/directories/register",
                sample(
                    format!("id={DIRECTORY}&form[subnets][]=subnet-0a1b2c3d&form[tenancy]=SHARED&form[self_service]=true"),
                    Act::ManageDirectories,
                ),
            ),
            ("/api/directories/take_down", sample(format!("id={DIRECTORY}"), Act::ManageDirectories)),
            (
                "/api/directories/begin_take_down",
                sample(format!("id={DIRECTORY}&name=corp.example.com&count=1&reason=closed"), Act::ManageDirectories),
            ),
            ("/api/directories/go_on_taking_down", sample(format!("id={DIRECTORY}"), Act::ManageDirectories)),
            ("/api/directories/stop_taking_down", sample(format!("id={DIRECTORY}"), Act::ManageDirectories)),
            (
                "/api/directories/set_desk",
                sample(format!("id={DIRECTORY}&form[language]=de&form[phone]=%2B49+30+1"), Act::ManageDirectories),
            ),
            ("/api/directories/settings", sample(format!("id={DIRECTORY}"), Act::ManageDirectories)),
            (
                "/api/directories/set_creation",
                sample(format!("id={DIRECTORY}&default_ou=&security_group=&maintenance=true"), Act::ManageDirectories),
            ),
            (
                "/api/directories/set_devices",
                sample(format!("id={DIRECTORY}&devices[form]=sent&devices[web]=true"), Act::ManageDirectories),
            ),
            (
                "/api/directories/set_self_service",
                sample(format!("id={DIRECTORY}&may[form]=sent&may[restart]=true"), Act::ManageDirectories),
            ),
            ("/api/directories/attach_ip_groups", sample(format!("id={DIRECTORY}"), Act::ManageDirectories)),
            ("/api/directories/ip_groups", sample(String::new(), Act::ManageDirectories)),
            (
                "/api/directories/create_ip_group",
                sample("form[name]=Offices&form[rules]=203.0.113.0/24".to_owned(), Act::ManageDirectories),
            ),
            (
                "/api/directories/set_ip_rules",
                sample("id=wsipg-0a1b2c3d4&form[rules]=203.0.113.0/24".to_owned(), Act::ManageDirectories),
            ),
            ("/api/directories/delete_ip_group", sample("id=wsipg-0a1b2c3d4".to_owned(), Act::ManageDirectories)),
            ("/api/directories/set_client", sample(format!("id={DIRECTORY}&client[form]=sent"), Act::ManageDirectories)),
            ("/api/directories/dns_changes", sample(format!("directory={DIRECTORY}"), Act::ManageDirectories)),
            ("/api/directories/dns_change", sample(format!("{dns}&filter[q]=&{page}"), Act::ManageDirectories)),
            ("/api/directories/dns_record", sample(dns.clone(), Act::ManageDirectories)),
            (
                "/api/directories/begin_dns",
                sample(format!("directory={DIRECTORY}&form[old]=10.20.0.10&form[new]=127.0.0.1"), Act::ManageDirectories),
            ),
            ("/api/directories/settle_dns", sample(format!("{dns}&workspaces[]=ws-000000001&told=done"), Act::ManageDirectories)),
            ("/api/directories/read_dns", sample(outcomes, Act::ManageDirectories)),
            ("/api/directories/freeze_dns", sample(format!("{dns}&meant=true"), Act::ManageDirectories)),
            ("/api/directories/ask_dns", sample(dns.clone(), Act::ManageDirectories)),
            ("/api/directories/verify_dns", sample(dns.clone(), Act::ManageDirectories)),
            ("/api/directories/finish_dns", sample(dns.clone(), Act::ManageDirectories)),
            ("/api/directories/abandon_dns", sample(format!("{dns}&reason=not+today"), Act::ManageDirectories)),
            ("/api/directories/readiness", sample("choice[chosen]=true&choice[act]=true".to_owned(), Act::ManageDirectories)),
            ("/api/directories/check", sample(String::new(), Act::ManageDirectories)),
            ("/api/directories/enter_quota", sample("quota=200".to_owned(), Act::ManageDirectories)),
            ("/api/directories/discard", sample(format!("draft={draft}"), Act::ManageDirectories)),
            ("/api/endings/list", sample(format!("filter[q]=&filter[over]=false&{page}"), Act::SeeDesktops)),
            ("/api/endings/get", sample(format!("id={draft}"), Act::SeeEndings)),
            ("/api/endings/decide", sample(format!("id={draft}&what=keep&seen=1"), Act::DecideEndings)),
            ("/api/endings/extend", sample(format!("id={draft}&until=2030-01-01"), Act::Ask)),
            ("/api/invitations/list", sample(format!("filter[q]=&filter[never_opened]=false&{page}"), Act::SeeDesktops)),
            (
                "/api/invitations/invite",
                sample("workspaces[]=ws-000000001&reason=lost+the+code&back=/workspaces".to_owned(), Act::Invite),
            ),
            ("/api/invitations/confirm", sample(format!("id={invitation}&reason=has+the+mail&back=/"), Act::Invite)),
            ("/api/invitations/send_again", sample(format!("id={invitation}&reason=not+there&back=/"), Act::Invite)),
            ("/api/invitations/resume", sample("back=/".to_owned(), Act::Invite)),
            ("/api/launches/today", sample(String::new(), Act::SeeToday)),
            ("/api/launches/list", sample(format!("filter[q]=&{page}"), Act::SeeDesktops)),
            ("/api/launches/get", sample(format!("id={launch}&{page}"), Act::SeeDesktops)),
            ("/api/launches/drafts", sample(String::new(), Act::Launch)),
            ("/api/launches/draft", sample(format!("id={draft}"), Act::Launch)),
            (
                "/api/launches/people",
                sample(format!("id={draft}&q=nordwind&all=false&{page}&chosen[number]=1&chosen[size]=25"), Act::Launch),
            ),
            ("/api/launches/list_report", sample(format!("id={draft}&{page}"), Act::Launch)),
            ("/api/launches/read_list", sample(list, Act::Launch)),
            ("/api/launches/choose_person", sample(format!("draft={draft}&line=1&guid={person}&back="), Act::Launch)),
            ("/api/launches/desktop", sample(format!("id={draft}&{page}"), Act::Launch)),
            ("/api/launches/check", sample(format!("id={draft}&{page}"), Act::Launch)),
            ("/api/launches/remove_blocked", sample(format!("draft={draft}"), Act::Launch)),
            ("/api/launches/begin", sample(String::new(), Act::Launch)),
            ("/api/launches/choose_directory", sample(format!("draft={draft}&directory={DIRECTORY}"), Act::Launch)),
            ("/api/launches/add_people", sample(format!("draft={draft}&guids[]={person}&back="), Act::Launch)),
            ("/api/launches/remove_people", sample(format!("draft={draft}&guids[]={person}"), Act::Launch)),
            (
                "/api/launches/save_desktop",
                sample(
                    format!(
                        "draft={draft}&desktop[bundle]=wsb-own000001&desktop[running_mode]=AUTO_STOP&desktop[auto_stop_hours]=2&bundles[of-{person}]="
                    ),
                    Act::Launch,
                ),
            ),
            ("/api/launches/start", sample(format!("draft={draft}"), Act::Launch)),
            ("/api/launches/discard", sample(format!("draft={draft}"), Act::Launch)),
            ("/api/launches/resume", sample(format!("launch={launch}"), Act::Launch)),
            ("/api/launches/retry", sample(format!("launch={launch}"), Act::Launch)),
            ("/api/launches/cancel", sample(format!("launch={launch}"), Act::Launch)),
            ("/api/offerings/overview", sample(String::new(), Act::ManageOfferings)),
            ("/api/offerings/get", sample(format!("id={draft}"), Act::ManageOfferings)),
            ("/api/offerings/draft", sample(format!("id={draft}"), Act::ManageOfferings)),
            ("/api/offerings/preview", sample(format!("id={draft}"), Act::ManageOfferings)),
            ("/api/offerings/begin", sample("of=".to_owned(), Act::ManageOfferings)),
            (
                "/api/offerings/save",
                sample(
                    format!("draft={draft}&form[name]=Office&form[directory]={DIRECTORY}&desktop[bundle]=wsb-own000001"),
                    Act::ManageOfferings,
                ),
            ),
            ("/api/offerings/publish", sample(format!("draft={draft}&seen=1"), Act::ManageOfferings)),
            ("/api/offerings/discard", sample(format!("draft={draft}"), Act::ManageOfferings)),
            ("/api/offerings/set_open", sample(format!("id={draft}&open=false&seen=1"), Act::ManageOfferings)),
            ("/api/offerings/prices", sample(String::new(), Act::ManageOfferings)),
            ("/api/offerings/sheet", sample(format!("id={draft}"), Act::ManageOfferings)),
            ("/api/offerings/sheet_draft", sample(format!("id={draft}"), Act::ManageOfferings)),
            ("/api/offerings/begin_sheet", sample(String::new(), Act::ManageOfferings)),
            ("/api/offerings/keep_sheet", sample(sheet, Act::ManageOfferings)),
            ("/api/people/search", sample(format!("directory={DIRECTORY}&q=nordwind&all=false&{page}"), Act::SeePeople)),
            ("/api/people/get", sample(format!("guid={person}"), Act::SeePeople)),
            ("/api/requests/list", sample(format!("filter[q]=&{page}"), Act::SeeRequests)),
            ("/api/requests/to_decide", sample(page.to_owned(), Act::SeeApprovals)),
            ("/api/requests/get", sample(format!("id={draft}"), Act::SeeRequests)),
            ("/api/requests/numbers", sample(String::new(), Act::SeeRequests)),
            ("/api/requests/drafts", sample(String::new(), Act::Ask)),
            ("/api/requests/people", sample(format!("id={draft}&q=nordwind&{page}&chosen[number]=1&chosen[size]=25"), Act::Ask)),
            ("/api/requests/desktop", sample(format!("id={draft}&{page}"), Act::Ask)),
            ("/api/requests/check", sample(format!("id={draft}"), Act::Ask)),
            ("/api/requests/begin", sample(String::new(), Act::Ask)),
            ("/api/requests/copy", sample(format!("id={draft}"), Act::Ask)),
            ("/api/requests/add", sample(format!("id={draft}&guids[]={person}&q=&page="), Act::Ask)),
            ("/api/requests/remove", sample(format!("id={draft}&guids[]={person}"), Act::Ask)),
            (
                "/api/requests/save",
                sample(
                    format!(
                        "id={draft}&offering={draft}&reason=new&cost_centre={draft}&needed_by=2030-01-01&until=&people[own][of-{person}]="
                    ),
                    Act::Ask,
                ),
            ),
            ("/api/requests/discard", sample(format!("id={draft}"), Act::Ask)),
            ("/api/requests/submit", sample(format!("id={draft}&seen=1&shown="), Act::Ask)),
            ("/api/requests/reopen", sample(format!("id={draft}&seen=1"), Act::Ask)),
            ("/api/requests/withdraw", sample(format!("id={draft}&seen=1"), Act::Ask)),
            ("/api/requests/answer", sample(format!("id={draft}&seen=1&answer=for+good"), Act::Ask)),
            (
                "/api/requests/decide",
                sample(
                    format!("id={draft}&seen=1&what=approve&note=&single[give][of-{draft}]=&single[instead][of-{draft}]="),
                    Act::DecideRequests,
                ),
            ),
            ("/api/requests/decide_all", sample(format!("requests[]={draft}.1&what=approve&note="), Act::DecideRequests)),
            ("/api/requests/absence", sample(String::new(), Act::SeeApprovals)),
            (
                "/api/requests/name_stand_in",
                sample("form[who]=nobody&form[from]=2030-01-01&form[until]=2030-01-02".to_owned(), Act::DecideRequests),
            ),
            ("/api/requests/end_absence", sample(String::new(), Act::DecideRequests)),
            ("/api/notices/get", sample(String::new(), Act::SeeToday)),
            (
                "/api/notices/prefer",
                sample("form[deciding]=daily&form[asking]=never&form[ending]=at_once".to_owned(), Act::SeeToday),
            ),
            ("/api/rules/list", sample(String::new(), Act::ManageRules)),
            ("/api/rules/get", sample(format!("id={draft}"), Act::ManageRules)),
            ("/api/rules/begin", sample(String::new(), Act::ManageRules)),
            ("/api/rules/add", sample("seen=1".to_owned(), Act::ManageRules)),
            (
                "/api/rules/save",
                sample(
                    format!(
                        "id={draft}&seen=1&rule[name]=A&rule[offerings][]=sent&rule[outcome]=stages&rule[stages][0][kind]=approver"
                    ),
                    Act::ManageRules,
                ),
            ),
            ("/api/rules/raise", sample(format!("id={draft}&seen=1"), Act::ManageRules)),
            ("/api/rules/remove", sample(format!("id={draft}&seen=1"), Act::ManageRules)),
            ("/api/rules/discard", sample("seen=1".to_owned(), Act::ManageRules)),
            ("/api/rules/switch_on", sample("seen=1".to_owned(), Act::ManageRules)),
            ("/api/workspaces/list", sample(format!("filter[q]=&filter[not_invited]=false&{page}"), Act::SeeDesktops)),
            ("/api/workspaces/prepare", sample("act=reboot&workspaces[]=ws-000000001".to_owned(), Act::ActOnWorkspaces)),
            ("/api/workspaces/confirm", sample(format!("id={draft}"), Act::ActOnWorkspaces)),
            ("/api/workspaces/start", sample(format!("id={draft}&act=reboot"), Act::ActOnWorkspaces)),
            ("/api/workspaces/cancel", sample(format!("id={draft}"), Act::ActOnWorkspaces)),
            ("/api/workspaces/batches", sample(page.to_owned(), Act::SeeDesktops)),
            ("/api/workspaces/batch", sample(format!("id={draft}&{page}"), Act::SeeDesktops)),
            ("/api/workspaces/refresh", sample("id=ws-000000001".to_owned(), Act::AskAws)),
            ("/api/workspaces/get", sample("id=ws-000000001".to_owned(), Act::SeeDesktops)),
        ])
    }
}
