//! Setting up an AD Connector: a draft that keeps what is typed, and the one call of ConnectDirectory.
//!
//! AWS takes no token that would tell a repeated call from a new one, so the intent is written first and a lost answer is
//! settled by looking ([`settle`]), never by a second call. The account's password goes to a domain controller and to AWS within
//! the request that brings it, and nowhere else: no row, job, log or record holds it.

use std::net::SocketAddr;

use chrono::TimeDelta;
use model::{
    Conflict, ConnectId, DirectoryId, Error, FieldError,
    access::{Act, Actor},
    audit::{Action, Outcome},
    directories::{Connect, ConnectDraft, ConnectForm, ConnectLine, ConnectState, check_password, parse_account},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{change, network, preflight, store::connect as rows};
use crate::{
    Fault, Services, audit,
    aws::{AwsFault, directory_service::Connector},
    budget::{self, Operation},
    fault::told,
    ldap::prove::{Door, ProofFault},
};

/// Whether the actor may set up connectors. A role that holds in some directories does not hold in one that is not there yet.
pub(super) fn may(actor: &Actor) -> bool {
    actor.authorize_everywhere(Act::ManageDirectories).is_ok()
}

/// Begins a draft; with the values of a connector that failed, if one is named.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor looks after all directories, [`Error::NotFound`] if there is no such connector.
pub async fn begin(services: &Services, actor: &Actor, like: Option<DirectoryId>) -> model::Result<ConnectId> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    let form = match like {
        Some(directory) => match rows::form_of(services, &directory).await.map_err(told)? {
            Some(typed) => typed,
            None => ConnectForm::like(&super::get(services, &directory).await?),
        },
        None => ConnectForm { size: "Small".to_owned(), ..ConnectForm::default() },
    };
    let id = ConnectId(Uuid::now_v7());
    rows::insert(services, actor, id, &form).await.map_err(told)?;
    network::refresh(services, actor).await?;
    Ok(id)
}

/// The actor's own drafts that no connector was made of.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn drafts(services: &Services, actor: &Actor) -> model::Result<Vec<ConnectLine>> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    Ok(rows::drafts(services, actor).await.map_err(told)?.iter().map(ConnectDraft::line).collect())
}

/// The actor's own draft.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft and for somebody else's, [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: ConnectId) -> model::Result<ConnectDraft> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    rows::draft(services, actor, id).await.map_err(told)?.ok_or(Error::NotFound)
}

async fn open(services: &Services, actor: &Actor, id: ConnectId) -> model::Result<ConnectDraft> {
    let draft = get(services, actor, id).await?;
    if draft.state == ConnectState::Draft { Ok(draft) } else { Err(Error::conflict(Conflict::ConnectUnderWay)) }
}

/// Keeps the step "Network", right or wrong. True when nothing is wrong.
///
/// # Errors
/// [`Error::Conflict`] once AWS was asked, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn save_network(
    services: &Services,
    actor: &Actor,
    id: ConnectId,
    vpc: String,
    subnets: Vec<String>,
) -> model::Result<bool> {
    let draft = open(services, actor, id).await?;
    let (picture, _) = network::get(services, actor).await?;
    // Who has just chosen a VPC has not seen its subnets yet.
    let fresh = subnets.is_empty() && vpc != draft.form.vpc && picture.vpc(&vpc).is_some_and(|vpc| vpc.obstacle().is_none());
    let picked = picture.pick(&vpc, &subnets);
    let right = picked.is_ok();
    let errors = if fresh { Vec::new() } else { picked.err().unwrap_or_default() };
    let subnets = subnets.iter().take(MOST_SUBNETS).map(|subnet| plain(subnet)).collect();
    let form = ConnectForm { vpc: plain(&vpc), subnets, ..draft.form };
    keep(services, id, &form, errors).await.map(|_| right)
}

/// Keeps the step "Directory", right or wrong; network fields of `typed` are not looked at. True when nothing is wrong.
///
/// # Errors
/// As [`save_network`].
pub async fn save_domain(services: &Services, actor: &Actor, id: ConnectId, typed: ConnectForm) -> model::Result<bool> {
    let draft = open(services, actor, id).await?;
    let mut form = ConnectForm { vpc: draft.form.vpc, subnets: draft.form.subnets, ..typed };
    let typed = [
        &mut form.organization,
        &mut form.description,
        &mut form.dns_name,
        &mut form.short_name,
        &mut form.dns_1,
        &mut form.dns_2,
        &mut form.size,
    ];
    for field in typed {
        *field = plain(field);
    }
    let errors = form.domain().err().unwrap_or_default();
    keep(services, id, &form, errors).await
}

/// More than anybody means.
const MOST_SUBNETS: usize = 20;

/// PostgreSQL's text can't hold NUL, which a hand-made form may carry; and nobody types a thousand characters.
fn plain(typed: &str) -> String {
    typed.chars().filter(|character| *character != '\0').take(1_000).collect()
}

async fn keep(services: &Services, id: ConnectId, form: &ConnectForm, errors: Vec<FieldError>) -> model::Result<bool> {
    if rows::save(services, id, form, &errors).await.map_err(told)? {
        Ok(errors.is_empty())
    } else {
        // AWS was asked, in another tab, since the draft was read.
        Err(Error::conflict(Conflict::ConnectUnderWay))
    }
}

/// Looks at what can be seen before anything is created, and keeps what was found.
///
/// # Errors
/// As [`save_network`]; [`Error::Invalid`] if a step before is wrong; [`Error::Conflict`] if the draft was changed meanwhile.
pub async fn look(services: &Services, actor: &Actor, id: ConnectId) -> model::Result<()> {
    let draft = open(services, actor, id).await?;
    let connect = parse(services, actor, &draft).await?;
    let (picture, _) = network::get(services, actor).await?;
    let findings = preflight::look(services, &connect, &picture).await;
    let kept = rows::keep_preflight(services, &draft, &findings).await.map_err(told)?;
    if kept { Ok(()) } else { Err(Error::conflict(Conflict::DraftChanged)) }
}

/// Everything but account and password, parsed against the network as it was read last.
async fn parse(services: &Services, actor: &Actor, draft: &ConnectDraft) -> model::Result<Connect> {
    let (picture, _) = network::get(services, actor).await?;
    let form = &draft.form;
    let place = picture.pick(&form.vpc, &form.subnets);
    match (place, form.domain()) {
        (Ok(place), Ok(domain)) => Ok(Connect { place, domain }),
        (place, domain) => {
            let wrong = [place.err(), domain.err()].into_iter().flatten().flatten();
            Err(Error::Invalid { fields: wrong.collect() })
        }
    }
}

/// The account that the connector is to read the domain with. `again` is the password typed a second time.
#[derive(Debug)]
pub struct Account {
    pub name: String,
    pub password: SecretString,
    pub again: SecretString,
}

/// Proves the account at a domain controller and has AWS make the connector: all within this call. `None` when AWS's answer was
/// lost; then it is looked for.
///
/// # Errors
/// [`Error::Invalid`] on `account`, `password`, `password_again` or a field of the steps before; [`Error::Conflict`] if AWS is
/// being asked already, if there is such a connector, or if the draft was changed since it was seen; [`Error::Busy`] if it is not
/// this call's turn at AWS soon, and then nothing was asked.
pub async fn create(
    services: &Services,
    actor: &Actor,
    id: ConnectId,
    seen: i64,
    account: Account,
) -> model::Result<Option<DirectoryId>> {
    use secrecy::ExposeSecret;

    let draft = get(services, actor, id).await?;
    if draft.state != ConnectState::Draft {
        // A form that was sent twice finds what the first one came to.
        return if draft.directory.is_some() { Ok(draft.directory) } else { Err(Error::conflict(Conflict::ConnectUnderWay)) };
    }
    if draft.version != seen {
        return Err(Error::conflict(Conflict::DraftChanged));
    }
    let connect = parse(services, actor, &draft).await?;
    let name = parse_account(&account.name)?.to_owned();
    check_password(account.password.expose_secret(), account.again.expose_secret())?;
    if rows::being_made(&services.db, &connect).await.map_err(told)? {
        return Err(Error::conflict(Conflict::ConnectorBeingMade));
    }
    rows::name_account(services, id, &name).await.map_err(told)?;
    prove(services, &connect, &name, &account.password).await?;
    // Before the intent, whose lease would run out meanwhile.
    let slot = budget::take_for_person(&services.db, Operation::ConnectDirectory).await.map_err(told)?;
    let claim = Uuid::now_v7();
    let Some(operation) = intend(services, actor, &draft, &connect, (&name, claim)).await? else {
        return Err(Error::conflict(Conflict::ConnectUnderWay));
    };
    let answer = services.aws.connect_directory(slot, &connect, &name, &account.password).await;
    conclude(services, actor, &draft, (claim, operation), answer).await
}

/// Whether a domain controller takes the account.
async fn prove(services: &Services, connect: &Connect, name: &str, password: &SecretString) -> model::Result<()> {
    let controllers = preflight::controllers(services, &connect.domain).await;
    let domain = &connect.domain.dns_name;
    let tls = services.ad.tls();
    let mut shut = None;
    for door in controllers.iter().flatten() {
        match Door::prove(door, &tls, domain, name, password, services.clock.now().timestamp()).await {
            Ok(()) => return Ok(()),
            Err(ProofFault::Unreachable(why)) => shut = shut.or(Some(why)),
            Err(fault @ ProofFault::Refused(_)) => {
                return Err(Error::invalid("password", format!("{fault}. Nothing was sent to AWS. Check name and password.")));
            }
            Err(ProofFault::Unsuitable(why)) => {
                return Err(Error::invalid("account", format!("{why} Nothing was sent to AWS.")));
            }
        }
    }
    let why = shut.unwrap_or_else(|| "DNS names none that can be reached from here".to_owned());
    let message = format!(
        "No domain controller of {domain} could be asked over TLS, and the password is sent in no other way ({why}). Nothing was sent to AWS."
    );
    Err(Error::invalid("account", message))
}

/// The intent, with its record; `None` if somebody else was first.
async fn intend(
    services: &Services,
    actor: &Actor,
    draft: &ConnectDraft,
    connect: &Connect,
    (name, claim): (&str, Uuid),
) -> model::Result<Option<audit::Operation>> {
    let mut tx = services.db.begin().await.map_err(told)?;
    let record = record(&connect.domain.dns_name, draft.id, None);
    let operation = change::intend(&mut tx, services, actor, &record).await.map_err(told)?;
    match rows::ask(&mut tx, services, draft, connect, (name, claim, operation)).await {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(error) if error.as_database_error().is_some_and(|error| error.constraint() == Some("directory_connect_live")) => {
            return Ok(None);
        }
        Err(error) => return Err(told(error)),
    }
    // Another draft may have become a connector while this one's account was proven. The index makes `ask` wait for whoever is
    // just writing that, so its row is seen here.
    if rows::being_made(&mut *tx, connect).await.map_err(told)? {
        return Err(Error::conflict(Conflict::ConnectorBeingMade));
    }
    tx.commit().await.map_err(told)?;
    Ok(Some(operation))
}

fn record(domain: &str, id: ConnectId, detail: Option<String>) -> audit::Record<'static> {
    let object = audit::Object { kind: "connector", id: id.to_string(), name: domain.to_owned() };
    audit::Record { action: Action::ConnectDirectory, object, person: None, detail }
}

/// Writes what AWS answered, if the claim still holds.
async fn conclude(
    services: &Services,
    actor: &Actor,
    draft: &ConnectDraft,
    (claim, operation): (Uuid, audit::Operation),
    answer: Result<String, AwsFault>,
) -> model::Result<Option<DirectoryId>> {
    let (now, domain) = (services.clock.now(), draft.form.domain_name());
    let held = (draft.id, Some(claim));
    let mut tx = services.db.begin().await.map_err(told)?;
    let (kept, outcome, detail, told_back) = match &answer {
        Ok(directory) => {
            let kept = rows::created(&mut tx, now, held, directory).await.map_err(told)?;
            let id = directory.parse().map_err(|error| told(Fault::Bug(format!("ConnectDirectory: {error}"))))?;
            (kept, Outcome::Succeeded, Some(directory.clone()), Ok(Some(id)))
        }
        Err(AwsFault::Unknown(why)) => {
            tracing::warn!(why, "the answer to ConnectDirectory was lost");
            (rows::lost(&mut tx, now, draft.id, claim).await.map_err(told)?, Outcome::Unknown, None, Ok(None))
        }
        Err(fault) => {
            let why = refusal(fault);
            let kept = rows::not_created(&mut tx, now, held, &why).await.map_err(told)?;
            (kept, Outcome::Failed, Some(fault.code().to_owned()), Ok(None))
        }
    };
    if kept {
        audit::finished(&mut tx, services, actor, &record(&domain, draft.id, detail), operation, outcome).await.map_err(told)?;
    }
    super::job::wake(&mut tx, now).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    told_back
}

/// What AWS said, for the form.
fn refusal(fault: &AwsFault) -> String {
    match fault {
        AwsFault::Throttled => "AWS was asked too often and did nothing. Try again.".to_owned(),
        AwsFault::NotSent(_) => "AWS was not reached, so nothing was made. Try again.".to_owned(),
        AwsFault::Refused { code, message } => model::directories::refusal(code, message),
        AwsFault::Unknown(why) => why.clone(),
    }
}

/// How far before its own clock AWS's may stand.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Finds out what became of calls whose answer was lost: the connector is there, or it is not after the time that AWS may take
/// to show it.
pub(super) async fn settle(services: &Services, connectors: &[Connector]) -> Result<(), Fault> {
    let asked = rows::unconfirmed(services).await?;
    if asked.is_empty() {
        return Ok(());
    }
    let mut known = rows::known(services).await?;
    for row in asked {
        let ours = |found: &&Connector| {
            found.name == row.dns_name
                && found.vpc.as_deref() == Some(row.vpc.as_str())
                && found.launched_at.is_some_and(|at| at + SKEW >= row.asked_at)
                && !known.contains(&found.id)
        };
        let now = services.clock.now();
        let found = connectors.iter().find(ours).map(|found| found.id.clone());
        let mut tx = services.db.begin().await?;
        let (outcome, detail) = match &found {
            Some(directory) if rows::created(&mut tx, now, (row.id, None), directory).await? => {
                (Outcome::Succeeded, format!("{directory}, found after the answer was lost"))
            }
            None if now - row.asked_at > TimeDelta::from_std(services.settings.launch.visibility_lag).unwrap_or_default() => {
                let why = "AWS's answer was lost, and no connector was made. Try again.";
                rows::not_created(&mut tx, now, (row.id, None), why).await?;
                (Outcome::Failed, "no connector was made".to_owned())
            }
            _ => continue,
        };
        known.extend(found);
        let actor = Actor::System { on_behalf_of: Some(row.owner) };
        audit::finished(&mut tx, services, &actor, &record(&row.dns_name, row.id, Some(detail)), row.operation, outcome).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Throws the draft away.
///
/// # Errors
/// As [`save_network`].
pub async fn discard(services: &Services, actor: &Actor, id: ConnectId) -> model::Result<()> {
    open(services, actor, id).await?;
    rows::discard(services, id).await.map_err(told)
}

/// The address at which a domain's DNS server is asked.
pub(super) fn dns_server(services: &Services, address: std::net::Ipv4Addr) -> SocketAddr {
    SocketAddr::new(address.into(), services.settings.directories.dns_port)
}
