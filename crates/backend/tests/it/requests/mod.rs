//! Requests: asking (`ask`), deciding (`decide`), who decides (`rules`), what comes of it (`fulfil`), how it ends (`endings`,
//! `extensions`, `leavers`, `holds`), who is told (`notices`) and in which words (`letters`), what waits too long and who decides in
//! whose place (`patience`), and what became of all (`numbers`).

mod ask;
mod decide;
mod endings;
mod extensions;
mod fulfil;
mod holds;
mod leavers;
mod letters;
mod notices;
mod numbers;
mod patience;
mod rules;

use backend::{
    cost_centres,
    requests::{
        self,
        decide::{Said, decide},
        drafts, submit,
    },
    settings::RoleGroup,
};
use model::{
    CostCentreId, OfferingId, RequestId,
    access::{Actor, Grant, Person, Role, Scope},
    requests::{CheckStep, RequestForm, RequestPage, process::Decision},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::{DESK, DIRECTORY, House};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Roles by the groups of the sandbox's company, as an installation gives them.
const ROLES: [(&str, Role); 3] =
    [("Frontdesk-Requesters", Role::Requester), ("Frontdesk-Approvers", Role::Approver), ("Frontdesk-Admins", Role::Admin)];

fn role_group((group, role): (&str, Role)) -> RoleGroup {
    RoleGroup { group: group.into(), role, directories: vec![] }
}

/// A house with an offering that costs 40 EUR a month, one that costs 30, and a cost centre without a cap, which is ncostas's.
struct Office {
    house: House,
    desktop: OfferingId,
    smaller: OfferingId,
    centre: CostCentreId,
}

impl Office {
    async fn open(db: PgPool) -> Self {
        let office = Self::without_prices(db).await;
        office.price("STANDARD", 40).await;
        office.price("VALUE", 30).await;
        office
    }

    async fn without_prices(db: PgPool) -> Self {
        let mut house = House::open(db).await;
        house.past_midnight().await;
        house.set(|settings| settings.access.roles = ROLES.map(role_group).into());
        house.execute("update bundle set root_gib = 80, user_gib = 50").await;
        sqlx::query("update bundle set compute = 'VALUE' where bundle_id = $1")
            .bind(crate::house::OFFICE)
            .execute(&house.db)
            .await
            .unwrap();
        sqlx::query(
            "insert into price_sheet (id, region, currency, valid_from, note, kept_at, kept_by, kept_by_name)
             values ($1, 'eu-central-1', 'EUR', '2020-01-01', 'test', now(), 't', 'T')",
        )
        .bind(Uuid::from_u128(7))
        .execute(&house.db)
        .await
        .unwrap();
        let desktop = offering(&house, "Office desktop", (DESK, "STANDARD")).await;
        let smaller = offering(&house, "Small desktop", (crate::house::OFFICE, "VALUE")).await;
        let centre = centre(&house, "4716", None).await;
        Self { house, desktop, smaller, centre }
    }

    async fn price(&self, compute: &str, month: i64) {
        sqlx::query(
            "insert into price_line (sheet_id, compute, root_gib, user_gib, always_on_month) values ($1, $2, 80, 50, $3::bigint)",
        )
        .bind(Uuid::from_u128(7))
        .bind(compute)
        .bind(month)
        .execute(&self.house.db)
        .await
        .unwrap();
    }

    /// Somebody of the sandbox's company with that role.
    fn actor(&self, account: &str, role: Role) -> Actor {
        actor(&self.house, account, role)
    }

    fn manager(&self) -> Actor {
        self.actor("mgarcia", Role::Requester)
    }

    fn approver(&self) -> Actor {
        self.actor("plindqvist", Role::Approver)
    }

    /// The step "What and why" that is right: needed in a few days from now.
    fn form(&self) -> RequestForm {
        RequestForm {
            offering: self.desktop.to_string(),
            reason: "New colleagues".into(),
            cost_centre: self.centre.to_string(),
            needed_by: self.day(0),
            until: String::new(),
        }
    }

    /// So many days from today.
    fn day(&self, days: u64) -> String {
        let today = self.house.services.clock.now().with_timezone(&chrono_tz::Europe::Berlin).date_naive();
        (today + chrono::Days::new(days)).to_string()
    }

    /// A draft that only has to be handed in.
    async fn draft(&self, actor: &Actor, accounts: &[&str], form: RequestForm) -> RequestId {
        let id = drafts::begin(&self.house.services, actor).await.unwrap();
        let guids = accounts.iter().map(|account| self.house.guid(account)).collect();
        drafts::add(&self.house.services, actor, id, guids).await.unwrap();
        assert!(drafts::save(&self.house.services, actor, id, form, vec![]).await.unwrap(), "the form is right");
        id
    }

    async fn check(&self, actor: &Actor, id: RequestId) -> CheckStep {
        submit::check(&self.house.services, actor, id).await.unwrap()
    }

    /// Hands a draft in as it stands.
    async fn hand_in(&self, actor: &Actor, id: RequestId) -> model::Result<()> {
        let check = self.check(actor, id).await;
        submit::submit(&self.house.services, actor, id, check.draft.version, &check.shown).await
    }

    /// A request that was handed in by the manager.
    async fn asked(&self, accounts: &[&str]) -> RequestId {
        let id = self.draft(&self.manager(), accounts, self.form()).await;
        self.hand_in(&self.manager(), id).await.unwrap();
        id
    }

    async fn page(&self, actor: &Actor, id: RequestId) -> RequestPage {
        requests::get(&self.house.services, actor, id).await.unwrap()
    }

    async fn decide(&self, actor: &Actor, id: RequestId, decision: Decision, note: &str) -> model::Result<()> {
        let seen = self.version(id).await;
        let said = Said { decision, swaps: vec![], note: note.into(), seen };
        decide(&self.house.services, actor, id, &said).await
    }

    async fn approve(&self, actor: &Actor, id: RequestId) -> model::Result<()> {
        self.decide(actor, id, APPROVE, "").await
    }

    async fn version(&self, id: RequestId) -> i64 {
        sqlx::query_scalar("select version from request where id = $1").bind(id.0).fetch_one(&self.house.db).await.unwrap()
    }

    async fn cap(&self, amount: i64) {
        sqlx::query("update cost_centre set cap = $2::bigint where id = $1")
            .bind(self.centre.0)
            .bind(amount)
            .execute(&self.house.db)
            .await
            .unwrap();
    }

    /// What is committed and reserved, in euros.
    async fn ledger(&self) -> (String, String) {
        let standing = cost_centres::standing(&self.house.services, self.centre).await.unwrap();
        (standing.committed.to_string(), standing.reserved.to_string())
    }
}

const APPROVE: Decision = Decision::Approve { except: vec![] };

fn actor(house: &House, account: &str, role: Role) -> Actor {
    let guid = house.guid(account);
    let (subject, grants) = (guid.to_string(), vec![Grant { role, scope: Scope::Everywhere }]);
    Actor::Person(Person { subject, name: account.into(), guid: Some(guid), grants })
}

async fn offering(house: &House, name: &str, (bundle, compute): (&str, &str)) -> OfferingId {
    let id = Uuid::now_v7();
    let mut tx = house.db.begin().await.unwrap();
    sqlx::query(
        "insert into offering (id, name, state, version, changed_at, changed_by_name) values ($1, $2, 'open', 1, now(), 'T')",
    )
    .bind(id)
    .bind(name)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query(
        "insert into offering_version (offering_id, version, name, description, picture, directory_id, bundle_id, bundle_name, compute,
           bundle_root_gib, bundle_user_gib, running_mode, encrypt_root, encrypt_user, tags, hours, roles, groups, departments,
           needs_approval, made_at, made_by, made_by_name)
         values ($1, 1, $2, 'A desktop', 'desktop', $3, $4, 'Bundle', $5, 80, 50, 'ALWAYS_ON', false, false, '[]', 0, '{}', '{}', '{}',
           false, now(), 't', 'T')",
    )
    .bind(id)
    .bind(name)
    .bind(DIRECTORY)
    .bind(bundle)
    .bind(compute)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    OfferingId(id)
}

async fn centre(house: &House, number: &str, cap: Option<i64>) -> CostCentreId {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into cost_centre (id, number, name, owner_guid, owner_account, owner_name, cap, currency, created_at, changed_at)
         values ($1, $2, 'Logistics', $3, 'ncostas', 'Nadia Costas', $4::bigint, 'EUR', now(), now())",
    )
    .bind(id)
    .bind(number)
    .bind(house.guid("ncostas").0)
    .bind(cap)
    .execute(&house.db)
    .await
    .unwrap();
    CostCentreId(id)
}

/// The fields that a refusal names, with their messages.
fn invalid<T: std::fmt::Debug>(outcome: Result<T, model::Error>) -> Vec<(String, String)> {
    let Err(model::Error::Invalid { fields }) = outcome else { panic!("not refused: {outcome:?}") };
    fields.into_iter().map(|field| (field.field, field.message)).collect()
}
