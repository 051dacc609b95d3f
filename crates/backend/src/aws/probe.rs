//! What a check asks of AWS: who we are, what time it is there, and one harmless call for each permission that a harmless call
//! can show.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use chrono::{DateTime, Utc};
use model::workspaces::Tag;

use super::{Aws, AwsFault, directory_service::Connector, fault, workspaces::Registration};
use crate::budget::{Operation, Slot, Turns};

/// Whose credentials these are.
#[derive(Debug, Clone)]
pub struct CallerIdentity {
    pub account: String,
    pub arn: String,
}

/// What a permission came to.
#[derive(Debug, Clone)]
pub struct Permission {
    /// As an IAM policy names it.
    pub action: &'static str,
    pub outcome: PermissionOutcome,
}

/// What asking showed.
#[derive(Debug, Clone)]
pub enum PermissionOutcome {
    /// The call was allowed; what it found.
    Allowed(String),
    Refused(AwsFault),
    /// It can't be asked without doing something, or there is nothing to ask about; why.
    NotAsked(&'static str),
}

/// What asking for all of them showed, and what came with the answers.
#[derive(Debug)]
pub struct Permissions {
    pub asked: Vec<Permission>,
    pub(crate) connectors: Option<Vec<Connector>>,
    pub(crate) registrations: Option<Vec<Registration>>,
}

const WOULD_CREATE: &str = "can't be checked without creating a WorkSpace";
pub(crate) const NO_TURN: &str = "it was not Frontdesk's turn at AWS; check again in a minute";
const AWAY: &str = "WorkSpaces was not reached for the call before";

impl Aws {
    /// STS GetCallerIdentity, which needs no permission, and AWS's clock, which shows on a refusal too: the `Date` of the answer,
    /// to the second.
    ///
    /// The result fails if AWS can't be reached or the credentials are not valid.
    pub async fn caller_identity(&self) -> (Result<CallerIdentity, AwsFault>, Option<DateTime<Utc>>) {
        let date = DateSeen::default();
        let call = self.sts.get_caller_identity().customize().interceptor(date.clone());
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let identity = call.send().await.map_err(fault);
        let identity = identity.map(|answer| CallerIdentity { account: text(answer.account()), arn: text(answer.arn()) });
        (identity, date.read())
    }

    /// Asks for each permission.
    pub async fn permissions(&self, turns: Turns<'_>) -> Permissions {
        let connectors = self.every_connector(turns).await;
        let mut round = Round { turns, away: false, asked: Vec::new() };
        let found = |all: &Vec<Connector>| PermissionOutcome::Allowed(format!("{} directories", all.len()));
        round.keep("ds:DescribeDirectories", connectors.as_ref().map_or_else(Clone::clone, found));
        let registrations = round
            .ask(
                ("workspaces:DescribeWorkspaceDirectories", Operation::DescribeWorkspaceDirectories),
                async |slot| self.registrations(slot, None).await,
                |page| format!("{} registered with WorkSpaces", page.rows.len()),
            )
            .await;
        round
            .ask(
                ("workspaces:DescribeWorkspaceBundles", Operation::DescribeWorkspaceBundles),
                async |slot| self.bundles(slot, Some("AMAZON"), None).await,
                |page| format!("{} bundles of Amazon on the first page", page.rows.len()),
            )
            .await;
        let some = round
            .ask(
                ("workspaces:DescribeWorkspaces", Operation::DescribeWorkspaces),
                async |slot| self.any_workspace(slot).await,
                |some| if some.is_some() { "there are some" } else { "none yet" }.to_owned(),
            )
            .await;
        match some.flatten() {
            Some(id) => {
                let tag = async |slot| self.workspace_tag(slot, &id, Tag::ITEM).await;
                round.ask(("workspaces:DescribeTags", Operation::DescribeTags), tag, |_| "read".to_owned()).await;
            }
            None => {
                round.keep("workspaces:DescribeTags", PermissionOutcome::NotAsked("can't be checked while there is no WorkSpace"))
            }
        }
        for action in ["workspaces:CreateWorkspaces", "workspaces:CreateTags"] {
            round.keep(action, PermissionOutcome::NotAsked(WOULD_CREATE));
        }
        Permissions { asked: round.asked, connectors: connectors.ok(), registrations: registrations.map(|page| page.rows) }
    }

    /// All connectors, or what came of asking for them.
    async fn every_connector(&self, turns: Turns<'_>) -> Result<Vec<Connector>, PermissionOutcome> {
        let (mut connectors, mut next) = (Vec::new(), None);
        loop {
            let slot = turns.take(Operation::DescribeDirectories).await;
            let slot = slot.map_err(|_| PermissionOutcome::NotAsked(NO_TURN))?;
            let page = self.connectors(slot, next).await.map_err(PermissionOutcome::Refused)?;
            connectors.extend(page.rows);
            next = page.next;
            if next.is_none() {
                return Ok(connectors);
            }
        }
    }
}

/// One call after the other, until WorkSpaces is not reached: nobody should wait for each of them then.
struct Round<'a> {
    turns: Turns<'a>,
    away: bool,
    asked: Vec<Permission>,
}

impl Round<'_> {
    fn keep(&mut self, action: &'static str, outcome: PermissionOutcome) {
        self.asked.push(Permission { action, outcome });
    }

    /// Makes the call and keeps what came of it; `found` says what it found.
    async fn ask<T>(
        &mut self,
        (action, operation): (&'static str, Operation),
        call: impl AsyncFnOnce(Slot) -> Result<T, AwsFault>,
        found: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        if self.away {
            self.keep(action, PermissionOutcome::NotAsked(AWAY));
            return None;
        }
        let Ok(slot) = self.turns.take(operation).await else {
            self.keep(action, PermissionOutcome::NotAsked(NO_TURN));
            return None;
        };
        let answer = call(slot).await;
        self.away = matches!(answer, Err(AwsFault::NotSent(_)));
        self.keep(action, answer.as_ref().map(found).map_err(Clone::clone).into());
        answer.ok()
    }
}

impl From<Result<String, AwsFault>> for PermissionOutcome {
    fn from(asked: Result<String, AwsFault>) -> Self {
        asked.map_or_else(Self::Refused, Self::Allowed)
    }
}

/// Keeps the `Date` of an answer.
#[derive(Debug, Clone, Default)]
struct DateSeen(Arc<Mutex<Option<String>>>);

impl DateSeen {
    fn read(&self) -> Option<DateTime<Utc>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        DateTime::parse_from_rfc2822(seen.as_deref()?).ok().map(|date| date.to_utc())
    }
}

impl Intercept for DateSeen {
    fn name(&self) -> &'static str {
        "DateSeen"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").map(ToOwned::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
