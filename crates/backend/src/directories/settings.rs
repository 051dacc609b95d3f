//! Registering a directory with WorkSpaces, and its settings.
//!
//! Each act is one call that may be repeated without harm: a directory is registered once, and a setting that is set twice is
//! set. So the intent is written, AWS is asked within the request, and the outcome is written; where the answer was lost, the
//! next sweep shows how it stands.

use model::{
    Conflict, DirectoryId, Error,
    access::{Act, Actor},
    audit::Action,
    directories::{Client, CreationForm, Devices, Directory, Freshness, Network, RegisterForm, SelfService, SettingsPage},
    dn,
};

use super::{
    Part,
    change::{Change, make, object},
    desk, freshness, get, ip_groups, network,
    store::settings as rows,
};
use crate::{
    Services,
    aws::AwsFault,
    budget::{Operation, Slot},
    fault::told,
};

/// A directory that is to be registered, and the network it stands in.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn registering(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<(Directory, Network, Freshness)> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    let directory = get(services, id).await?;
    let (network, freshness) = network::get(services, actor).await?;
    Ok((directory, network, freshness))
}

/// Has WorkSpaces register the directory.
///
/// # Errors
/// [`Error::Invalid`] on a field of the form, [`Error::Conflict`] if it can't be registered now or the answer was lost,
/// [`Error::Refused`] with what AWS said, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn register(services: &Services, actor: &Actor, id: &DirectoryId, form: &RegisterForm) -> model::Result<()> {
    let (directory, network, _) = registering(services, actor, id).await?;
    if directory.why_not_register().is_some() {
        return Err(Error::conflict(Conflict::NotRegistrable));
    }
    let how = form.parse(&directory, &network)?;
    let change = Change {
        action: Action::RegisterDirectory,
        operation: Operation::RegisterWorkspaceDirectory,
        object: object(&directory),
        detail: None,
    };
    let call = async |slot: Slot| match services.aws.register_directory(slot, id.as_str(), &how).await {
        // Somebody was faster, here or in the console.
        Err(AwsFault::Refused { code, .. }) if code == "ResourceAlreadyExistsException" => Ok(()),
        answer => answer,
    };
    make(services, actor, change, call, async |tx, ()| rows::registering(tx, services, id).await).await
}

/// A directory with what is set for it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn settings(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<SettingsPage> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    let directory = get(services, id).await?;
    Ok(SettingsPage {
        settings: rows::get(services, id).await.map_err(told)?,
        // Computer accounts are made in the domain that the connector joins, wherever its people are.
        units: desk::units(services, &directory.name).await,
        ip_groups: ip_groups::all(services, actor).await?,
        desk: desk::page(services, &directory).await?,
        freshness: freshness(services, Part::Directories).await?,
        directory,
    })
}

/// Sets from which devices people can sign in.
///
/// # Errors
/// As [`register`].
pub async fn set_devices(services: &Services, actor: &Actor, id: &DirectoryId, devices: Devices) -> model::Result<()> {
    let directory = changeable(services, actor, id).await?;
    let change = Change::of(&directory, "devices", Operation::ModifyWorkspaceAccessProperties);
    let call = async |slot: Slot| services.aws.modify_devices(slot, id.as_str(), devices).await;
    make(services, actor, change, call, async |tx, ()| rows::keep_devices(tx, services, id, devices).await).await
}

/// Sets what new WorkSpaces get.
///
/// # Errors
/// As [`register`]; [`Error::Unavailable`] if Active Directory can't be asked for the unit.
pub async fn set_creation(services: &Services, actor: &Actor, id: &DirectoryId, form: &CreationForm) -> model::Result<()> {
    let directory = changeable(services, actor, id).await?;
    let before = rows::get(services, id).await.map_err(told)?.creation;
    let mut creation = form.parse(&directory.name, &before)?;
    // Who keeps a unit need not ask Active Directory for it again: it may be away, or have given the unit another name.
    let kept =
        creation.default_ou.as_deref().zip(before.default_ou.as_deref()).is_some_and(|(unit, before)| dn::same(unit, before));
    if !kept && let (Some(unit), Some(domain)) = (&mut creation.default_ou, services.ad.get(&directory.name)) {
        let known = domain.units().await.map_err(told)?.into_iter().find(|known| dn::same(known, unit));
        *unit = known.ok_or_else(|| {
            let words =
                "Active Directory has no such organizational unit. AWS would take it, and every new WorkSpace would fail.";
            Error::invalid("default_ou", words)
        })?;
    }
    let change = Change::of(&directory, "new WorkSpaces", Operation::ModifyWorkspaceCreationProperties);
    let call = async |slot: Slot| services.aws.modify_creation(slot, id.as_str(), &creation).await;
    make(services, actor, change, call, async |tx, ()| rows::keep(tx, services, id, "creation", &creation).await).await
}

/// Sets what users may do to their own WorkSpaces.
///
/// # Errors
/// As [`register`].
pub async fn set_self_service(services: &Services, actor: &Actor, id: &DirectoryId, may: SelfService) -> model::Result<()> {
    let directory = changeable(services, actor, id).await?;
    let change = Change::of(&directory, "self-service", Operation::ModifySelfservicePermissions);
    let call = async |slot: Slot| services.aws.modify_self_service(slot, id.as_str(), may).await;
    make(services, actor, change, call, async |tx, ()| rows::keep(tx, services, id, "self_service", &may).await).await
}

/// Sets what the client application does.
///
/// # Errors
/// As [`register`].
pub async fn set_client(services: &Services, actor: &Actor, id: &DirectoryId, client: Client) -> model::Result<()> {
    let directory = changeable(services, actor, id).await?;
    let change = Change::of(&directory, "client", Operation::ModifyClientProperties);
    let call = async |slot: Slot| services.aws.modify_client(slot, id.as_str(), client).await;
    make(services, actor, change, call, async |tx, ()| rows::keep(tx, services, id, "client", &client).await).await
}

pub(super) async fn changeable(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<Directory> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    let directory = get(services, id).await?;
    if directory.why_not_settings().is_some() {
        return Err(Error::conflict(Conflict::NotRegistered));
    }
    Ok(directory)
}
