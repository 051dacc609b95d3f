//! AWS's own SDKs, pointed at a sandbox; what a test needs to speak to it in their words or in raw bytes.

use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sdk_directory::{
    operation::connect_directory::builders::ConnectDirectoryFluentBuilder,
    types::{DirectoryConnectSettings, DirectorySize},
};
use aws_sdk_workspaces::{
    config::Credentials,
    operation::create_workspaces::CreateWorkspacesOutput,
    types::{Tag, WorkspaceDirectory, WorkspaceRequest},
};
use sandbox::{
    Behaviour, Options, Sandbox,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use serde_json::Value;

/// A bundle of AWS's and one of the account's own.
pub const PUBLIC_BUNDLE: &str = "wsb-100000100";
pub const OWN_BUNDLE: &str = "wsb-own000001";

/// A sandbox and one client of each service; none of them retries.
pub struct Aws {
    pub sandbox: Sandbox,
    pub workspaces: aws_sdk_workspaces::Client,
    pub directory: aws_sdk_directory::Client,
    pub mail: aws_sdk_sesv2::Client,
    pub sts: aws_sdk_sts::Client,
    pub http: reqwest::Client,
}

impl Aws {
    /// WorkSpaces are visible at once, ready after 200 ms, and nothing is throttled.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn behaving(change: impl FnOnce(&mut Behaviour)) -> Self {
        let mut options = Options::default();
        change(&mut options.behaviour);
        Self::with(options).await
    }

    pub async fn with(options: Options) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let sandbox = sandbox::start(options).await.unwrap();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("AKIASANDBOX", "secret", None, None, "test"))
            .endpoint_url(sandbox.url())
            .retry_config(RetryConfig::disabled())
            .load()
            .await;
        Self {
            workspaces: aws_sdk_workspaces::Client::new(&config),
            directory: aws_sdk_directory::Client::new(&config),
            mail: aws_sdk_sesv2::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap(),
            sandbox,
        }
    }

    /// Accounts without a WorkSpace.
    pub fn free_accounts(&self, count: usize) -> Vec<String> {
        let memory = self.sandbox.state().memory();
        let taken = |account: &str| memory.workspaces.iter().any(|workspace| workspace.user_name == account);
        let roster = self.sandbox.company().read();
        let accounts: Vec<_> =
            roster.people.iter().map(|person| person.account.clone()).filter(|account| !taken(account)).take(count).collect();
        assert_eq!(accounts.len(), count, "the company is too small for this test");
        accounts
    }

    pub async fn create(&self, requests: Vec<WorkspaceRequest>) -> CreateWorkspacesOutput {
        self.workspaces.create_workspaces().set_workspaces(Some(requests)).send().await.unwrap()
    }

    /// Creates one WorkSpace; its id.
    pub async fn create_for(&self, account: &str) -> String {
        let answer = self.create(vec![request(self, account)]).await;
        assert!(answer.failed_requests().is_empty(), "{answer:?}");
        answer.pending_requests()[0].workspace_id().unwrap().to_owned()
    }

    /// Asks for what is not answered: until the sandbox is done with it, and half a second longer.
    pub async fn is_not_answered(&self, operation: &str, call: impl Future) {
        let done = || self.sandbox.calls().counts().get(operation).map_or(0, |count| count.calls);
        let (before, end) = (done(), Instant::now() + Duration::from_secs(10));
        let waited = async {
            while done() == before {
                assert!(Instant::now() < end, "{operation} did not come");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        tokio::select! {
            _ = call => panic!("{operation} was answered"),
            () = waited => {}
        }
    }

    /// Posts a body as JSON 1.1 to `target`, unsigned; the status and the body, which has to be JSON.
    pub async fn post(&self, target: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self
            .http
            .post(self.sandbox.url())
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1");
        let response = request.body(body).send().await.unwrap_or_else(|error| panic!("{target} got no answer: {error}"));
        assert!(response.headers().contains_key("x-amzn-requestid"), "{target}");
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// GETs JSON of the sandbox's own pages.
    pub async fn control(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox/api/{path}", self.sandbox.url());
        self.http.get(url).send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    /// A page for people: its HTML.
    pub async fn page(&self, path: &str) -> String {
        let response = self.http.get(format!("{}/_sandbox/{path}", self.sandbox.url())).send().await.unwrap();
        response.error_for_status().unwrap().text().await.unwrap()
    }
}

/// The VPC of the connectors, and two of its subnets that suit.
pub const VPC: &str = "vpc-0a1b2c3d";
pub const SUBNETS: [&str; 2] = ["subnet-0a1b2c3d", "subnet-0b1c2d3e"];

/// A right ConnectDirectory.
pub fn connector(aws: &Aws) -> ConnectDirectoryFluentBuilder {
    let request = aws.directory.connect_directory().name("corp.example.com").short_name("CORP").size(DirectorySize::Small);
    request.password(CONNECTOR_PASSWORD).connect_settings(settings(VPC, &SUBNETS, &["127.0.0.1"], CONNECTOR_ACCOUNT))
}

pub fn settings(vpc: &str, subnets: &[&str], dns: &[&str], user: &str) -> DirectoryConnectSettings {
    let owned = |list: &[&str]| Some(list.iter().map(|&entry| entry.to_owned()).collect());
    let settings = DirectoryConnectSettings::builder().vpc_id(vpc).customer_user_name(user);
    settings.set_subnet_ids(owned(subnets)).set_customer_dns_ips(owned(dns)).build().unwrap()
}

/// Connects; the id.
pub async fn connect(aws: &Aws) -> String {
    connector(aws).send().await.unwrap().directory_id().unwrap().to_owned()
}

/// Connects and registers; the id.
pub async fn registered(aws: &Aws) -> String {
    let id = connect(aws).await;
    aws.workspaces.register_workspace_directory().directory_id(&id).send().await.unwrap();
    id
}

/// How WorkSpaces tells a directory; `None` when it does not.
pub async fn told(aws: &Aws, id: &str) -> Option<WorkspaceDirectory> {
    let found = aws.workspaces.describe_workspace_directories().directory_ids(id).send().await.unwrap();
    found.directories.unwrap_or_default().pop()
}

/// Changes a connector from outside, as AWS's console or fate does; the HTTP status.
pub async fn make(aws: &Aws, id: &str, change: &Value) -> u16 {
    let url = format!("{}/_sandbox/api/directories/{id}", aws.sandbox.url());
    aws.http.patch(url).json(change).send().await.unwrap().status().as_u16()
}

/// Creates a WorkSpace in that directory; its id.
pub async fn launch(aws: &Aws, directory: &str, account: &str) -> String {
    let request = WorkspaceRequest::builder().directory_id(directory).user_name(account).bundle_id(OWN_BUNDLE).build().unwrap();
    let answer = aws.create(vec![request]).await;
    assert!(answer.failed_requests().is_empty(), "{answer:?}");
    answer.pending_requests()[0].workspace_id().unwrap().to_owned()
}

/// A right request, tagged as Frontdesk tags it.
pub fn request(aws: &Aws, account: &str) -> WorkspaceRequest {
    let tag = Tag::builder().key("frontdesk:item").value(format!("item-of-{account}")).build().unwrap();
    let request =
        WorkspaceRequest::builder().directory_id(aws.sandbox.directory()).user_name(account).bundle_id(OWN_BUNDLE).tags(tag);
    request.build().unwrap()
}

/// AWS's error code, the message, and the HTTP status of a refused call.
#[macro_export]
macro_rules! refusal {
    ($call:expr) => {{
        use aws_sdk_workspaces::error::ProvideErrorMetadata;
        let error = $call.await.expect_err("the call was not refused");
        let status = error.raw_response().map(|response| response.status().as_u16());
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        (text(error.code()), text(error.message()), status.unwrap_or_default())
    }};
}
