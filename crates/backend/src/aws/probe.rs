//! What `doctor` asks of AWS: who we are, what time it is there, and one harmless call for each permission that a harmless call
//! can show.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use chrono::{DateTime, Utc};

use super::{Aws, AwsFault, fault};

/// Whose credentials these are, and what AWS's clock shows.
#[derive(Debug, Clone)]
pub struct CallerIdentity {
    pub account: String,
    pub arn: String,
    /// Of the answer's `Date`, to the second.
    pub now: Option<DateTime<Utc>>,
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

/// The pause between two calls: these are made by hand and go past the budget, so they keep well below the rate by themselves.
const PAUSE: Duration = Duration::from_millis(600);

const WOULD_CREATE: &str = "can't be checked without creating a WorkSpace";

impl Aws {
    /// STS GetCallerIdentity, which needs no permission.
    ///
    /// # Errors
    /// AWS can't be reached or the credentials are not valid.
    pub async fn caller_identity(&self) -> Result<CallerIdentity, AwsFault> {
        let date = DateSeen::default();
        let call = self.sts.get_caller_identity().customize().interceptor(date.clone());
        let answer = call.send().await.map_err(fault)?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(CallerIdentity { account: text(answer.account()), arn: text(answer.arn()), now: date.read() })
    }

    /// Asks for each permission.
    pub async fn permissions(&self) -> Vec<Permission> {
        let count = |count: usize, what: &str| format!("{count} {what}");
        let directories = self.directory_service.describe_directories().limit(10).send().await;
        let directories = directories.map(|answer| count(answer.directory_descriptions().len(), "directories"));
        tokio::time::sleep(PAUSE).await;
        let registered = self.workspaces.describe_workspace_directories().send().await;
        let registered = registered.map(|answer| count(answer.directories().len(), "registered with WorkSpaces"));
        tokio::time::sleep(PAUSE).await;
        let bundles = self.workspaces.describe_workspace_bundles().owner("AMAZON").send().await;
        let bundles = bundles.map(|answer| count(answer.bundles().len(), "bundles of Amazon on the first page"));
        tokio::time::sleep(PAUSE).await;
        let workspaces = self.workspaces.describe_workspaces().limit(1).send().await;
        let some = workspaces.as_ref().ok().and_then(|answer| answer.workspaces().first()?.workspace_id().map(ToOwned::to_owned));
        let workspaces =
            workspaces.map(|answer| if answer.workspaces().is_empty() { "none yet" } else { "there are some" }.to_owned());
        tokio::time::sleep(PAUSE).await;
        let tags = match some {
            Some(id) => {
                self.workspaces.describe_tags().resource_id(id).send().await.map_err(fault).map(|_| "read".to_owned()).into()
            }
            None => PermissionOutcome::NotAsked("can't be checked while there is no WorkSpace"),
        };
        let of = |action, outcome| Permission { action, outcome };
        vec![
            of("ds:DescribeDirectories", directories.map_err(fault).into()),
            of("workspaces:DescribeWorkspaceDirectories", registered.map_err(fault).into()),
            of("workspaces:DescribeWorkspaceBundles", bundles.map_err(fault).into()),
            of("workspaces:DescribeWorkspaces", workspaces.map_err(fault).into()),
            of("workspaces:DescribeTags", tags),
            of("workspaces:CreateWorkspaces", PermissionOutcome::NotAsked(WOULD_CREATE)),
            of("workspaces:CreateTags", PermissionOutcome::NotAsked(WOULD_CREATE)),
        ]
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
