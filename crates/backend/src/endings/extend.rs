//! More time for temporary desktops: a new request that asks for the same until a later day and goes through the rules as any other.
//! Its rows name the rows by which the desktops came, so that approving them launches nothing and moves the end.

use model::{
    EndingId, Error, RequestId, RequestItemId,
    access::{Act, Actor},
    endings::{Cause, Course, State},
};
use sqlx::PgConnection;

use super::{
    found,
    store::{self as rows, views},
    tell,
};
use crate::{Fault, Services, cost_centres, fault::told, requests, workspaces::act};

/// Whether more time can be asked for.
pub(super) fn may(course: &Course) -> bool {
    course.cause == Cause::Temporary && course.stays(State::Extended).is_some()
}

/// Begins a request for more time, until that day as typed, for this desktop and those of the same request that end too. One that is
/// being written or decided already is found instead.
///
/// # Errors
/// [`Error::Conflict`] if nothing can be extended any more, [`Error::NotFound`] for those who did not ask for the desktop,
/// [`Error::NotAllowed`].
pub async fn extend(services: &Services, actor: &Actor, id: EndingId, until: &str) -> model::Result<RequestId> {
    actor.authorize(Act::Ask)?;
    let (held, reader) = found(services, actor, id).await?;
    let Some(request) = held.request.filter(|_| reader.owner) else { return Err(Error::NotFound) };
    if let Some(begun) = views::extension(services, id, actor.key()).await.map_err(told)? {
        return Ok(begun);
    }
    if !may(&held.course) {
        return Err(Error::conflict(model::Conflict::EndingChanged));
    }
    requests::drafts::extend(services, actor, request, until).await
}

/// A row of an approved request that asks for more time.
pub(crate) struct Extension {
    pub item: RequestItemId,
    /// The row by which the desktop came.
    pub root: RequestItemId,
}

/// Moves the ends of desktops for which more time was approved, in the transaction that approves it; the rows whose desktops are gone
/// meanwhile, which have to be set aside.
pub(crate) async fn carry_out(
    tx: &mut PgConnection,
    services: &Services,
    until: Option<chrono::NaiveDate>,
    extensions: Vec<Extension>,
) -> Result<Vec<RequestItemId>, Fault> {
    let mut lost = Vec::new();
    for Extension { item, root } in extensions {
        let held = match rows::live_of_item(tx, root).await? {
            Some(id) => rows::hold(tx, id).await?,
            None => None,
        };
        let Some((after, held)) = held.and_then(|held| Some((held.course.stays(State::Extended)?, held))) else {
            lost.push(item);
            continue;
        };
        for other in rows::paid_elsewhere(tx, root, item).await? {
            cost_centres::free(tx, services, other).await?;
        }
        // Who asks for a day that is no later leaves the end where it was.
        if until.is_some_and(|until| held.course.ends_on.is_some_and(|end| until <= end)) {
            continue;
        }
        act::spare(tx, services, held.batch).await?;
        rows::keep(tx, services, held.id, &after).await?;
        let what = until.map_or("lasts from now on".to_owned(), |until| format!("extended until {}", views::day(until)));
        tell(tx, services, &held, &what).await?;
        super::job::wake(tx, services.clock.now()).await?;
    }
    Ok(lost)
}
