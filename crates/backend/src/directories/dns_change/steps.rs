//! The steps that somebody takes: launches are frozen, AWS is asked, what it shows is verified, and the change is closed.

use futures::future::join_all;
use model::{
    Conflict, DirectoryId, DnsChangeId, Error,
    access::{Act, Actor},
    directories::{DnsChange, DnsMove, DnsState, Finding, Outcome, same_servers},
};
use sqlx::PgConnection;

use super::{super::job, get, note, one, preflight, store};
use crate::{Services, db, fault::told, launches};

fn moved() -> Error {
    Error::conflict(Conflict::DnsChangeMoved)
}

/// The change, if the move can be made from where it stands.
async fn at(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
    made: DnsMove,
) -> model::Result<DnsChange> {
    let change = one(services, actor, directory, id).await?;
    if change.state.after(made).is_some() { Ok(change) } else { Err(moved()) }
}

/// Launches in the directory stand still from now on; the connector may be changed a quarter of an hour later. `meant`: that some
/// WorkSpaces are not done is known.
///
/// # Errors
/// [`Error::Invalid`] on `meant`, [`Error::Conflict`] if it is at another step by now, [`Error::NotFound`],
/// [`Error::NotAllowed`].
pub async fn freeze(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
    meant: bool,
) -> model::Result<()> {
    let change = at(services, actor, directory, id, DnsMove::Freeze).await?;
    let found = get(services, directory).await?;
    let now = services.clock.now();
    let mut tx = services.db.begin().await.map_err(told)?;
    store::add_new(&mut tx, now, id).await.map_err(told)?;
    let left = store::counts(&mut tx, id).await.map_err(told)?.left();
    if left > 0 && !meant {
        let words = format!(
            "{left} of the WorkSpaces are not done. Launches go on as before. Finish them first, or tick that you know: they lose the domain when the old server is turned off."
        );
        return Err(Error::invalid("meant", words));
    }
    if !store::freeze(&mut tx, now, actor, id, left).await.map_err(told)? {
        return Err(moved());
    }
    let detail = match left {
        0 => format!("{}: launches frozen", change.title()),
        left => format!("{}: launches frozen, with {left} WorkSpaces not done", change.title()),
    };
    note(&mut tx, services, actor, &found, detail).await?;
    announce(&mut tx, directory).await.map_err(told)?;
    job::wake(&mut tx, now).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// Those who watch a launch of the directory see that it stands still, or until when.
pub(super) async fn announce(tx: &mut PgConnection, directory: &DirectoryId) -> sqlx::Result<()> {
    for launch in store::waiting_launches(tx, directory.as_str()).await? {
        db::announce(tx, db::Topic::Launch(launch)).await?;
    }
    Ok(())
}

/// Has the sweep look at AWS now rather than within half a minute.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn ask(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<()> {
    one(services, actor, directory, id).await?;
    let mut connection = services.db.acquire().await.map_err(told)?;
    job::wake(&mut connection, services.clock.now()).await.map_err(told)
}

/// Looks at the DNS servers and the stage that AWS shows now, and keeps what was found.
///
/// # Errors
/// As [`freeze`], without `meant`.
pub async fn verify(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<()> {
    let change = at(services, actor, directory, id, DnsMove::Finish).await?;
    let found = get(services, directory).await?;
    let mut findings = vec![addresses(&change, &found.dns), stage(&found.stage)];
    let servers = found.dns.iter().filter_map(|address| address.parse().ok());
    let looks = join_all(servers.map(|server| preflight::dns(services, &found.name, server))).await;
    findings.extend(looks.into_iter().flatten());

    let wrong = findings.iter().filter(|finding| finding.outcome == Outcome::Fail).count();
    let mut tx = services.db.begin().await.map_err(told)?;
    if !store::verified(&mut tx, services, actor, id, &findings).await.map_err(told)? {
        return Err(moved());
    }
    let detail = format!("{}: verified, {wrong} of {} checks failed", change.title(), findings.len());
    note(&mut tx, services, actor, &found, detail).await?;
    tx.commit().await.map_err(told)
}

fn addresses(change: &DnsChange, shown: &[String]) -> Finding {
    let (what, seen) = ("DNS addresses at AWS", shown.join(", "));
    if same_servers(shown, &change.wanted()) {
        Finding::pass(what, seen)
    } else {
        let cure = format!("They should be {}. Correct them in the AWS console.", change.wanted().join(", "));
        Finding::fail(what, seen, cure)
    }
}

fn stage(stage: &str) -> Finding {
    let what = "Stage of the connector";
    if stage == "Active" {
        return Finding::pass(what, stage);
    }
    let cure = "It has to be Active. If it does not become so within 40 minutes, put the old address back in the AWS console.";
    Finding::fail(what, stage, cure)
}

/// Closes the change; a freeze that is not over runs out by itself.
///
/// # Errors
/// [`Error::Invalid`] on `verify` unless the last verification found nothing wrong; else as [`freeze`], without `meant`.
pub async fn finish(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<()> {
    let change = at(services, actor, directory, id, DnsMove::Finish).await?;
    if !change.is_verified() {
        let words = "The change is not verified, or something was wrong. It stays open. Verify it, and put right what fails.";
        return Err(Error::invalid("verify", words));
    }
    let found = get(services, directory).await?;
    let mut tx = services.db.begin().await.map_err(told)?;
    if !store::finish(&mut tx, services.clock.now(), actor, id).await.map_err(told)? {
        return Err(moved());
    }
    note(&mut tx, services, actor, &found, format!("{}: done", change.title())).await?;
    tx.commit().await.map_err(told)
}

/// Gives the change up. Launches go on at once, or a quarter of an hour after AWS showed something new.
///
/// # Errors
/// [`Error::Invalid`] on `reason`, else as [`finish`].
pub async fn abandon(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
    reason: &str,
) -> model::Result<()> {
    actor.authorize_in(Act::ManageDirectories, directory)?;
    let reason: String = reason.trim().chars().filter(|character| !character.is_control()).collect();
    if !(3..=500).contains(&reason.chars().count()) {
        return Err(Error::invalid("reason", "Say in a few words why, in at most 500 characters. The record keeps it."));
    }
    let change = at(services, actor, directory, id, DnsMove::Abandon).await?;
    let found = get(services, directory).await?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let Some(thaws) = store::abandon(&mut tx, services.clock.now(), actor, id, &reason).await.map_err(told)? else {
        return Err(moved());
    };
    note(&mut tx, services, actor, &found, format!("{}: abandoned: {reason}", change.title())).await?;
    if change.state != DnsState::Workspaces {
        announce(&mut tx, directory).await.map_err(told)?;
        launches::send::wake(&mut tx, thaws).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)
}
