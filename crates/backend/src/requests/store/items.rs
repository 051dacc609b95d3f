//! SQL of what is asked for, person by person, and what comes of it.

use chrono::NaiveDate;
use model::{
    CostCentreId, LaunchId, OfferingId, PersonGuid, RequestId, RequestItemId, access::Actor, money::Money, offerings::Offer,
    requests::ItemState,
};
use sqlx::PgConnection;
use sqlx::types::Decimal;
use uuid::Uuid;

use crate::{Fault, Services};

/// One person's row.
#[derive(Debug, Clone)]
pub(in crate::requests) struct Item {
    pub id: RequestItemId,
    pub person: PersonGuid,
    pub account: String,
    pub name: String,
    pub mail: Option<String>,
    pub department: Option<String>,
    pub own_offering: Option<OfferingId>,
    pub state: ItemState,
    /// Pinned, with its version.
    pub offering: Option<(OfferingId, u32)>,
    pub price: Option<Money>,
    pub launched: bool,
    /// The row by which a desktop came that gets more time.
    pub extends: Option<RequestItemId>,
}

/// All rows of a request, in the order in which people were added.
pub(in crate::requests) async fn all(connection: &mut PgConnection, id: RequestId) -> Result<Vec<Item>, Fault> {
    let rows = sqlx::query!(
        "select id, person_guid, account, name, mail, department, own_offering, state, offering_id, offering_version, price, currency,
                launch_item is not null as \"launched!\", extends
         from request_item where request_id = $1 order by position",
        id.0,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let version = row.offering_version.and_then(|version| u32::try_from(version).ok());
            Ok(Item {
                id: RequestItemId(row.id),
                person: PersonGuid(row.person_guid),
                account: row.account,
                name: row.name,
                mail: row.mail,
                department: row.department,
                own_offering: row.own_offering.map(OfferingId),
                state: ItemState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("request item {}", row.state)))?,
                offering: row.offering_id.map(OfferingId).zip(version),
                price: price(row.price, row.currency)?,
                launched: row.launched,
                extends: row.extends.map(RequestItemId),
            })
        })
        .collect()
}

pub(in crate::requests) fn price(amount: Option<Decimal>, currency: Option<String>) -> Result<Option<Money>, Fault> {
    let Some((amount, currency)) = amount.zip(currency) else { return Ok(None) };
    let currency = currency.parse().map_err(|_| Fault::Bug(format!("currency {currency}")))?;
    Ok(Some(Money { amount, currency }))
}

/// What a row is pinned to.
#[derive(Debug, Clone)]
pub(in crate::requests) struct Pin {
    pub offering: OfferingId,
    pub version: u32,
    pub name: String,
    pub price: Option<Money>,
    pub price_from: Option<NaiveDate>,
    /// By an example sheet.
    pub example: bool,
}

impl Pin {
    /// To the offering as it is offered now.
    pub fn of(offer: &Offer) -> Self {
        let price = offer.price.as_ref();
        Self {
            offering: offer.version.offering,
            version: offer.version.version,
            name: offer.version.name.clone(),
            price: price.map(|price| price.monthly),
            price_from: price.map(|price| price.valid_from),
            example: price.is_some_and(|price| price.example),
        }
    }
}

/// Pins a row to the offering's version and today's price.
pub(in crate::requests) async fn pin(tx: &mut PgConnection, item: RequestItemId, pin: &Pin) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_item set offering_id = $2, offering_version = $3, offering_name = $4, price = $5, currency = $6, price_from = $7,
                                 price_example = $8
         where id = $1",
        item.0,
        pin.offering.0,
        i32::try_from(pin.version).unwrap_or(i32::MAX),
        pin.name,
        pin.price.map(|price| price.amount),
        pin.price.map(|price| price.currency.to_string()),
        pin.price_from,
        pin.example,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// As people have them in Active Directory now.
pub(in crate::requests) async fn refresh(
    tx: &mut PgConnection,
    item: RequestItemId,
    person: &model::people::Person,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_item set account = $2, name = $3, mail = $4, department = $5 where id = $1",
        item.0,
        person.account,
        person.name,
        person.mail,
        person.department,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// All rows asked for again, as a request that is taken back to be changed wants it.
pub(in crate::requests) async fn reset(tx: &mut PgConnection, id: RequestId) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_item set state = 'asked', note = null, offering_id = null, offering_version = null, offering_name = null,
                                 price = null, currency = null, price_from = null, price_example = false
         where request_id = $1",
        id.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Why some rows are refused or set aside.
pub(in crate::requests) async fn note(tx: &mut PgConnection, items: &[Uuid], note: &str) -> sqlx::Result<()> {
    sqlx::query!("update request_item set note = $2 where id = any($1)", items, note).execute(tx).await?;
    Ok(())
}

/// Sets a row aside; false if it is on its way already.
pub(in crate::requests) async fn set_aside(tx: &mut PgConnection, item: RequestItemId, why: &str) -> sqlx::Result<bool> {
    let aside = sqlx::query!(
        "update request_item set state = 'set_aside', note = $2 where id = $1 and state = 'approved' and launch_item is null",
        item.0,
        why,
    )
    .execute(tx)
    .await?;
    Ok(aside.rows_affected() == 1)
}

/// Ties rows to those of the launch that was made of them.
pub(in crate::requests) async fn link(tx: &mut PgConnection, id: RequestId, launch: LaunchId) -> sqlx::Result<u64> {
    let linked = sqlx::query!(
        "update request_item i set launch_item = l.id from launch_item l
         where l.launch_id = $2 and i.request_id = $1 and i.person_guid = l.person_guid and i.state = 'approved' and i.launch_item is null",
        id.0,
        launch.0,
    )
    .execute(tx)
    .await?;
    Ok(linked.rows_affected())
}

/// What those desktops were asked for as that came by the second row of each pair, by the first.
pub(in crate::requests) async fn pinned_of(
    services: &Services,
    rows: &[(RequestItemId, RequestItemId)],
) -> sqlx::Result<Vec<(RequestItemId, (OfferingId, u32))>> {
    let items: Vec<Uuid> = rows.iter().map(|(item, _)| item.0).collect();
    let roots: Vec<Uuid> = rows.iter().map(|(_, root)| root.0).collect();
    let pinned = sqlx::query!(
        "select pair.item as \"item!\", root.offering_id as \"offering!\", root.offering_version as \"version!\"
         from unnest($1::uuid[], $2::uuid[]) as pair (item, root) join request_item root on root.id = pair.root
         where root.offering_id is not null and root.offering_version is not null",
        &items,
        &roots,
    )
    .fetch_all(&services.db)
    .await?;
    let row = |item, offering, version| Some((RequestItemId(item), (OfferingId(offering), u32::try_from(version).ok()?)));
    Ok(pinned.into_iter().filter_map(|pinned| row(pinned.item, pinned.offering, pinned.version)).collect())
}

/// Rows for whose desktops money is committed though they are gone, or will never be there.
pub(in crate::requests) async fn paid_for_nothing(services: &Services) -> sqlx::Result<Vec<RequestItemId>> {
    let items = sqlx::query_scalar!(
        "select i.id from cost_centre_entry e join request_item i on i.id = e.request_item
         join request_item root on root.id = coalesce(i.extends, i.id)
         join launch_item l on l.id = root.launch_item left join workspace w on w.workspace_id = l.workspace_id
         where e.state = 'committed'
           and (l.state in ('canceled', 'already_has') or w.gone_at is not null or w.state = 'TERMINATED')",
    )
    .fetch_all(&services.db)
    .await?;
    Ok(items.into_iter().map(RequestItemId).collect())
}

/// What is committed in a cost centre for the desktop that came by this row, in that currency.
pub(in crate::requests) async fn committed_for(
    services: &Services,
    root: RequestItemId,
    centre: CostCentreId,
    currency: &str,
) -> sqlx::Result<Decimal> {
    sqlx::query_scalar!(
        "select coalesce(sum(e.amount), 0) as \"sum!\" from cost_centre_entry e join request_item i on i.id = e.request_item
         where (i.id = $1 or i.extends = $1) and e.state = 'committed' and e.cost_centre_id = $2 and e.currency = $3",
        root.0,
        centre.0,
        currency,
    )
    .fetch_one(&services.db)
    .await
}

/// How many desktops of an offering somebody has asked for and neither lost nor been refused, in other requests than this one.
pub(in crate::requests) async fn held_by(
    services: &Services,
    actor: &Actor,
    offering: OfferingId,
    but: RequestId,
) -> sqlx::Result<u32> {
    let count = sqlx::query_scalar!(
        "select count(*) as \"count!\" from request_item i join request r on r.id = i.request_id
         left join launch_item l on l.id = i.launch_item left join workspace w on w.workspace_id = l.workspace_id
         where r.owner = $1 and i.offering_id = $2 and r.id <> $3 and i.extends is null
           and r.state in ('waiting', 'asked_back', 'approved') and i.state in ('asked', 'approved')
           and coalesce(l.state, 'queued') not in ('failed', 'canceled', 'already_has')
           and w.gone_at is null and coalesce(w.state, '') not in ('TERMINATING', 'TERMINATED')",
        actor.key(),
        offering.0,
        but.0,
    )
    .fetch_one(&services.db)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
