//! What AWS shows of connectors whose DNS servers are being changed. The sweep of directories brings it.

use model::{
    DirectoryId,
    access::Actor,
    audit::{Action, Outcome},
    directories::{DnsMove, Shown, same_servers},
};
use sqlx::PgConnection;

use super::{
    steps::announce,
    store::{self, Live, quiet},
};
use crate::{Fault, Services, audit, aws::directory_service::Connector, launches};

/// Takes up what was launched since, and moves those changes on whose connector AWS shows with other addresses than before.
pub(in crate::directories) async fn observe(services: &Services, connectors: &[Connector]) -> Result<(), Fault> {
    for connector in connectors {
        let mut tx = services.db.begin().await?;
        if let Some(live) = store::live(&mut tx, &connector.id).await? {
            look(&mut tx, services, &live, &connector.dns).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn look(tx: &mut PgConnection, services: &Services, live: &Live, shown: &[String]) -> Result<(), Fault> {
    let now = services.clock.now();
    if live.state.after(DnsMove::Seen).is_some() {
        store::add_new(tx, now, live.id).await?;
    }
    if same_servers(shown, &live.seen) {
        return Ok(());
    }
    store::touched(tx, now, live.id, shown).await?;
    let what = Shown::of(shown, &live.before, &live.old, &live.new);
    if what == Shown::AsWanted && live.state.after(DnsMove::Seen).is_some() {
        let last = store::last_sent(tx, &live.directory).await?;
        let early = live.frozen_at.is_none_or(|frozen| frozen.max(last.unwrap_or(frozen)) + quiet() > now);
        store::changed(tx, now, live.id, early).await?;
    }
    let directory: DirectoryId = live.directory.parse().map_err(|error| Fault::Bug(format!("row of a DNS change: {error}")))?;
    announce(tx, &directory).await?;
    launches::send::wake(tx, now + quiet()).await?;
    let words = match what {
        Shown::AsWanted => "as wanted",
        Shown::AsBefore => "as before",
        Shown::Otherwise => "not what is wanted",
    };
    let record = audit::Record {
        action: Action::ChangeDns,
        object: audit::Object { kind: "directory", id: live.directory.clone(), name: live.domain.clone() },
        person: None,
        detail: Some(format!("{} \u{2192} {}: AWS shows {}, {words}", live.old, live.new, shown.join(", "))),
    };
    let actor = Actor::System { on_behalf_of: Some(live.begun_by.clone()) };
    audit::noted(tx, services, &actor, &record, Outcome::Succeeded).await?;
    Ok(())
}
