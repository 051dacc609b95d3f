//! Who may do what: roles, their scopes, and the one table that says which role allows which act.

use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::{DirectoryId, Error, PersonGuid, Result, Stamp};

/// What a person is here for. A person can hold several roles, each for all directories or for some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Requester,
    Approver,
    Helpdesk,
    Admin,
    Auditor,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Requester, Self::Approver, Self::Helpdesk, Self::Admin, Self::Auditor];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approver => "approver",
            Self::Helpdesk => "helpdesk",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Everywhere,
    Directories(Vec<DirectoryId>),
}

impl Scope {
    pub fn covers(&self, directory: &DirectoryId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Directories(directories) => directories.contains(directory),
        }
    }
}

/// One role and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Role,
    pub scope: Scope,
}

/// Everything a person may be asked to be allowed. The table of roles is [`Act::roles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// See the start page and the state of the mirror.
    SeeToday,
    /// Search people and see one.
    SeePeople,
    /// See launches, WorkSpaces and invitations.
    SeeDesktops,
    /// Put a launch together, start it, cancel and retry its rows.
    Launch,
    /// Send an invitation, or send one again.
    Invite,
    /// Have AWS asked for a WorkSpace's state now.
    AskAws,
    /// Start, stop and reboot WorkSpaces, close them for maintenance and open them again.
    ActOnWorkspaces,
    /// Terminate WorkSpaces, with all that is on them.
    TerminateWorkspaces,
    /// See what the API budget is spent on.
    SeeBudget,
    /// Read the record.
    SeeAudit,
    /// See sessions and end anyone's.
    EndSessions,
    /// Set up AD Connectors and change them.
    ManageDirectories,
    /// See requests: one's own, those one decides on, or all.
    SeeRequests,
    /// See what waits for one's decision.
    SeeApprovals,
    /// Decide on requests, where one is asked to.
    DecideRequests,
    /// Write the rules that say who decides.
    ManageRules,
    /// See cost centres and what is left of them.
    SeeCostCentres,
    /// Make cost centres, change, close and open them.
    ManageCostCentres,
    /// See the end of a desktop, as staff or as who asked for it.
    SeeEndings,
    /// Decide on the end of a desktop, one's own as who asked for it.
    DecideEndings,
    /// Ask for desktops.
    Ask,
    /// Say what may be asked for, and what it costs.
    ManageOfferings,
}

impl Act {
    pub const ALL: [Self; 22] = [
        Self::SeeToday,
        Self::SeePeople,
        Self::SeeDesktops,
        Self::Launch,
        Self::Invite,
        Self::AskAws,
        Self::ActOnWorkspaces,
        Self::TerminateWorkspaces,
        Self::SeeBudget,
        Self::SeeAudit,
        Self::EndSessions,
        Self::ManageDirectories,
        Self::SeeRequests,
        Self::SeeApprovals,
        Self::DecideRequests,
        Self::ManageRules,
        Self::SeeCostCentres,
        Self::ManageCostCentres,
        Self::SeeEndings,
        Self::DecideEndings,
        Self::Ask,
        Self::ManageOfferings,
    ];

    /// The roles of which any one allows the act.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Admin, Approver, Auditor, Helpdesk, Requester};
        match self {
            Self::SeeToday | Self::SeeRequests => &[Requester, Approver, Helpdesk, Admin, Auditor],
            // A manager's manager and a cost centre's owner decide where a rule names them, and are requesters.
            Self::SeeApprovals | Self::DecideRequests => &[Requester, Approver, Admin],
            Self::SeePeople | Self::Launch | Self::Invite | Self::AskAws | Self::ActOnWorkspaces | Self::SeeBudget => {
                &[Helpdesk, Admin]
            }
            Self::SeeDesktops => &[Helpdesk, Admin, Auditor],
            Self::SeeAudit | Self::SeeCostCentres => &[Admin, Auditor],
            Self::TerminateWorkspaces
            | Self::EndSessions
            | Self::ManageDirectories
            | Self::ManageCostCentres
            | Self::ManageOfferings
            | Self::ManageRules => &[Admin],
            Self::SeeEndings => &[Requester, Helpdesk, Admin, Auditor],
            Self::DecideEndings | Self::Ask => &[Requester, Helpdesk, Admin],
        }
    }

    /// Acts that launch, decide or destroy: roles are read afresh before them, however young the last reading is.
    pub fn needs_fresh_roles(self) -> bool {
        matches!(
            self,
            Self::Launch
                | Self::Invite
                | Self::ActOnWorkspaces
                | Self::TerminateWorkspaces
                | Self::EndSessions
                | Self::ManageDirectories
                | Self::Ask
                | Self::DecideRequests
                | Self::DecideEndings
                | Self::ManageRules
                | Self::ManageCostCentres
                | Self::ManageOfferings
        )
    }
}

/// A signed-in person with the roles just read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The provider's subject: unique, opaque, never shown.
    pub subject: String,
    pub name: String,
    /// The person's entry in Active Directory, where the configured claim found one.
    pub guid: Option<PersonGuid>,
    pub grants: Vec<Grant>,
}

/// Who acts. Every use case takes it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Person(Person),
    /// Somebody who holds an invitation's link and nothing else.
    Invitee,
    /// A job. `on_behalf_of` is the subject of the person whose act made it.
    System {
        on_behalf_of: Option<String>,
    },
}

impl Actor {
    /// The stable key under which audit rows and drafts know the actor.
    pub fn key(&self) -> &str {
        match self {
            Self::Person(person) => &person.subject,
            Self::Invitee => "invitee",
            Self::System { .. } => "system",
        }
    }

    /// The name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Invitee => "Invited user",
            Self::System { .. } => "Frontdesk",
        }
    }

    /// Allows the act somewhere: for lists, which [`Actor::scope`] then narrows.
    ///
    /// # Errors
    /// [`Error::SignIn`] for an invitee, [`Error::NotAllowed`] with the roles that would do.
    pub fn authorize(&self, act: Act) -> Result<()> {
        self.scope(act).map(drop)
    }

    /// Allows the act in one directory.
    ///
    /// # Errors
    /// As [`Actor::authorize`].
    pub fn authorize_in(&self, act: Act, directory: &DirectoryId) -> Result<()> {
        if self.scope(act)?.covers(directory) { Ok(()) } else { Err(Error::NotAllowed { needs: act.roles().to_vec() }) }
    }

    /// Allows the act everywhere: for what concerns all directories at once.
    ///
    /// # Errors
    /// As [`Actor::authorize`].
    pub fn authorize_everywhere(&self, act: Act) -> Result<()> {
        if self.scope(act)? == Scope::Everywhere { Ok(()) } else { Err(Error::NotAllowed { needs: act.roles().to_vec() }) }
    }

    /// Where the act is allowed.
    ///
    /// # Errors
    /// As [`Actor::authorize`].
    pub fn scope(&self, act: Act) -> Result<Scope> {
        match self {
            Self::System { .. } => Ok(Scope::Everywhere),
            Self::Invitee => Err(Error::SignIn),
            Self::Person(person) => person.scope(act).ok_or_else(|| Error::NotAllowed { needs: act.roles().to_vec() }),
        }
    }
}

impl Person {
    /// Where the act is allowed: the union of the scopes of all grants that allow it; `None` if none does.
    pub fn scope(&self, act: Act) -> Option<Scope> {
        self.scope_of(act.roles())
    }

    /// Where one of the roles is held; `None` if none is.
    pub fn scope_of(&self, roles: &[Role]) -> Option<Scope> {
        let mut directories = Vec::new();
        let mut any = false;
        for grant in self.grants.iter().filter(|grant| roles.contains(&grant.role)) {
            any = true;
            match &grant.scope {
                Scope::Everywhere => return Some(Scope::Everywhere),
                Scope::Directories(some) => directories.extend(some.iter().cloned()),
            }
        }
        any.then_some(Scope::Directories(directories))
    }

    /// Whether one of the roles is held in the directory.
    pub fn holds(&self, roles: &[Role], directory: &DirectoryId) -> bool {
        self.scope_of(roles).is_some_and(|scope| scope.covers(directory))
    }

    pub fn may(&self, act: Act) -> bool {
        self.scope(act).is_some()
    }
}

/// A session that is open, for admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Names the session without giving it away.
    pub handle: Uuid,
    pub name: String,
    pub account: Option<String>,
    pub started: Stamp,
    pub last_seen: Stamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(grants: Vec<Grant>) -> Actor {
        Actor::Person(Person { subject: "s".into(), name: "N".into(), guid: None, grants })
    }

    #[test]
    fn every_act_is_allowed_to_exactly_its_roles() {
        for act in Act::ALL {
            for role in Role::ALL {
                let actor = person(vec![Grant { role, scope: Scope::Everywhere }]);
                assert_eq!(actor.authorize(act).is_ok(), act.roles().contains(&role), "{act:?} {role:?}");
            }
            assert_eq!(person(vec![]).authorize(act), Err(Error::NotAllowed { needs: act.roles().to_vec() }));
            assert_eq!(Actor::Invitee.authorize(act), Err(Error::SignIn));
        }
    }

    #[test]
    fn a_scoped_role_holds_only_in_its_directories() {
        let ours: DirectoryId = "d-906731a2b4".parse().unwrap();
        let other: DirectoryId = "d-90673c5d6e".parse().unwrap();
        let actor = person(vec![Grant { role: Role::Helpdesk, scope: Scope::Directories(vec![ours.clone()]) }]);
        assert!(actor.authorize_in(Act::Launch, &ours).is_ok());
        assert!(actor.authorize_in(Act::Launch, &other).is_err());
        let both = person(vec![
            Grant { role: Role::Helpdesk, scope: Scope::Directories(vec![ours]) },
            Grant { role: Role::Admin, scope: Scope::Everywhere },
        ]);
        assert!(both.authorize_in(Act::Launch, &other).is_ok());
    }
}
