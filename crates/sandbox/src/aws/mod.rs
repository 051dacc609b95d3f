//! AWS on one port: JSON 1.1 for WorkSpaces, Directory Service and Service Quotas, REST-JSON for SES, Query for STS and EC2.

mod actions;
mod bundles;
mod connect;
mod directory_service;
mod ec2;
mod ip_groups;
mod model;
mod network;
mod quotas;
mod rate;
mod register;
mod registered;
mod ses;
mod tags;
mod volumes;
mod workspaces;

use std::{borrow::Cow, future, sync::Arc, time::Instant};

use axum::{
    body::{Body, Bytes},
    extract::State as AxumState,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    Inner,
    calls::Call,
    faults::{Kind, Whom},
    html::escape,
};
pub(crate) use rate::Bucket;
pub(crate) use workspaces::seed;

/// The account of everything here.
pub(crate) const ACCOUNT: &str = "123456789012";

/// An error as AWS answers it.
#[derive(Debug, Clone)]
pub(crate) struct AwsError {
    status: StatusCode,
    code: Cow<'static, str>,
    message: String,
    /// The time that the answer tells, if not ours.
    now: Option<DateTime<Utc>>,
}

impl AwsError {
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: code.into(), message: message.into(), now: None }
    }

    fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

/// What an operation answers.
pub(crate) type Answer = Result<Value, AwsError>;

/// What a call brings: its body and, for REST, the value in its path.
struct Request<'a> {
    input: &'a Value,
    resource: Option<&'a str>,
}

/// The operations of a service by their names.
type Operations = &'static [(&'static str, fn(&Inner, &Request<'_>) -> Answer)];

/// The services and what each of them can do here.
const SERVICES: [(&str, &[Operations]); 6] = [
    (
        "workspaces",
        &[
            workspaces::OPERATIONS,
            actions::OPERATIONS,
            register::OPERATIONS,
            registered::OPERATIONS,
            ip_groups::OPERATIONS,
            tags::WORKSPACES,
        ],
    ),
    ("ds", &[directory_service::OPERATIONS, tags::DIRECTORY_SERVICE]),
    ("ec2", &[ec2::OPERATIONS]),
    ("servicequotas", &[quotas::OPERATIONS]),
    ("ses", &[ses::OPERATIONS]),
    // It takes nothing, and its answer is written where it leaves.
    ("sts", &[&[("GetCallerIdentity", |_, _| Ok(Value::Null))]]),
];

/// All operations, as `service:operation`.
pub(crate) fn operations() -> impl Iterator<Item = String> {
    SERVICES
        .into_iter()
        .flat_map(|(service, all)| all.iter().copied().flatten().map(move |(name, _)| format!("{service}:{name}")))
}

/// Answers a call to any service.
pub(crate) async fn answer(
    AxumState(inner): AxumState<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let started = Instant::now();
    let call = Named::of(&method, &uri, &headers, &body);
    let text = String::from_utf8_lossy(&body);
    let whom = Whom::Call(&text);
    if inner.faults.takes(&call.operation, whom, &Kind::TimeOut { work_done: false }) {
        return silence(&inner, &call, started).await;
    }
    let over_rate = is_over_rate(&inner, &call);
    if let Some(error) = before(&inner, &call, over_rate, whom, &headers) {
        let code = Some(error.code.clone().into_owned());
        inner.calls.add(Call { over_rate, ..logged(&inner, &call, error.status, code, started) });
        return failure(&call, &error);
    }
    let result = call.run(&inner, &body);
    let (status, error) = match &result {
        Ok(_) => (StatusCode::OK, None),
        Err(error) => (error.status, Some(error.code.clone().into_owned())),
    };
    let response = match result {
        Ok(value) => call.success(&value),
        Err(error) => failure(&call, &error),
    };
    if let Some(delay) = inner.faults.delay(&call.operation, whom) {
        tokio::time::sleep(delay).await;
    }
    if inner.faults.takes(&call.operation, whom, &Kind::TimeOut { work_done: true }) {
        return silence(&inner, &call, started).await;
    }
    let lost = inner.faults.takes(&call.operation, whom, &Kind::LoseReply);
    let error = if lost { Some("reply lost".to_owned()) } else { error };
    inner.calls.add(logged(&inner, &call, status, error, started));
    if lost { broken() } else { response }
}

/// Answers nothing until the client leaves.
async fn silence(inner: &Inner, call: &Named, started: Instant) -> Response {
    inner.calls.add(logged(inner, call, StatusCode::OK, Some("no answer".to_owned()), started));
    future::pending().await
}

/// Whether a call comes faster than AWS allows.
fn is_over_rate(inner: &Inner, call: &Named) -> bool {
    let behaviour = inner.state.behaviour();
    match call.service {
        "workspaces" => behaviour.throttle && !inner.workspaces_rate.take(),
        "ses" if call.operation == "SendEmail" => !inner.ses_rate.take_at(behaviour.ses_rate, behaviour.ses_rate.max(1.0)),
        _ => false,
    }
}

/// Rates and faults that answer before any work is done.
fn before(inner: &Inner, call: &Named, over_rate: bool, whom: Whom<'_>, headers: &HeaderMap) -> Option<AwsError> {
    let throttled = over_rate || inner.faults.takes(&call.operation, whom, &Kind::Throttle);
    if throttled {
        return Some(match call.service {
            "ses" => AwsError::new("TooManyRequestsException", "Maximum sending rate exceeded.")
                .with_status(StatusCode::TOO_MANY_REQUESTS),
            "sts" => AwsError::new("Throttling", "Rate exceeded"),
            "ec2" => {
                AwsError::new("RequestLimitExceeded", "Request limit exceeded.").with_status(StatusCode::SERVICE_UNAVAILABLE)
            }
            "servicequotas" => AwsError::new("TooManyRequestsException", "Rate exceeded"),
            _ => AwsError::new("ThrottlingException", "Rate exceeded"),
        });
    }
    if inner.faults.takes(&call.operation, whom, &Kind::ServerError) {
        let code = if call.service == "ec2" { "InternalError" } else { "InternalFailure" };
        return Some(AwsError::new(code, "").with_status(StatusCode::INTERNAL_SERVER_ERROR));
    }
    inner.faults.take(&call.operation, whom, |kind| match kind {
        Kind::Refuse { code, message } => Some(AwsError::new(code.clone(), message.clone())),
        Kind::ClockSkew { seconds } => signed_at_another_time(headers, *seconds),
        _ => None,
    })
}

/// AWS takes a signature for five minutes; by a clock that goes so many seconds before ours this one may be too old or too new.
#[expect(clippy::disallowed_methods, reason = "clients sign by the machine's time")]
fn signed_at_another_time(headers: &HeaderMap, ahead: i64) -> Option<AwsError> {
    let signed = headers.get("x-amz-date").and_then(|value| value.to_str().ok())?;
    let signed_at = NaiveDateTime::parse_from_str(signed, "%Y%m%dT%H%M%SZ").ok()?.and_utc();
    let now = Utc::now() + TimeDelta::seconds(ahead);
    let apart = now - signed_at;
    if apart.abs() <= TimeDelta::minutes(5) {
        return None;
    }
    let message = if apart > TimeDelta::zero() {
        format!("Signature expired: {signed} is now earlier than {}", (now - TimeDelta::minutes(5)).format("%Y%m%dT%H%M%SZ"))
    } else {
        format!(
            "Signature not yet current: {signed} is still later than {}",
            (now + TimeDelta::minutes(5)).format("%Y%m%dT%H%M%SZ")
        )
    };
    Some(AwsError { now: Some(now), ..AwsError::new("InvalidSignatureException", message) })
}

fn logged(inner: &Inner, call: &Named, status: StatusCode, error: Option<String>, started: Instant) -> Call {
    Call {
        at: inner.clock.now(),
        service: call.service,
        operation: call.operation.clone(),
        status: status.as_u16(),
        error,
        over_rate: false,
        ms: started.elapsed().as_millis(),
    }
}

/// A connection that breaks in the middle of the answer.
fn broken() -> Response {
    let body = Body::from_stream(futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("the reply is lost"))]));
    ([(header::CONTENT_LENGTH, "1000")], body).into_response()
}

/// A call's service and operation.
struct Named {
    service: &'static str,
    operation: String,
    /// For REST: the value in the path.
    resource: Option<String>,
}

impl Named {
    fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let named = |service, operation: &str, resource| Self { service, operation: operation.to_owned(), resource };
        match target.split_once('.') {
            Some(("WorkspacesService", operation)) => return named("workspaces", operation, None),
            Some(("DirectoryService_20150416", operation)) => return named("ds", operation, None),
            Some(("ServiceQuotasV20190624", operation)) => return named("servicequotas", operation, None),
            _ => {}
        }
        if uri.path().starts_with("/v2/email/") {
            let (operation, resource) = ses::route(method, uri.path());
            return named("ses", &operation, resource);
        }
        let form = read_form(body);
        let member = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let service = if member("Version") == Some(ec2::VERSION) { "ec2" } else { "sts" };
        match member("Action") {
            Some(action) => named(service, action, None),
            None => named("unknown", "Unknown", None),
        }
    }

    fn run(&self, inner: &Inner, body: &[u8]) -> Answer {
        let operations = SERVICES.iter().find(|(service, _)| *service == self.service).map(|(_, operations)| operations);
        let found = operations.and_then(|all| all.iter().copied().flatten().find(|(name, _)| *name == self.operation));
        let Some((_, run)) = found else {
            let words = format!("{} is not an operation here.", self.operation);
            return Err(match self.service {
                "ses" => AwsError::new("UnknownOperationException", words).with_status(StatusCode::NOT_FOUND),
                "sts" | "ec2" => AwsError::new("InvalidAction", words),
                _ => AwsError::new("UnknownOperationException", words),
            });
        };
        let input = match self.service {
            "sts" => Value::Null,
            "ec2" => ec2::read_form(&read_form(body)),
            _ => self.checked(body)?,
        };
        run(inner, &Request { input: &input, resource: self.resource.as_deref() })
    }

    /// The body, if it is what AWS's model asks for.
    fn checked(&self, body: &[u8]) -> Answer {
        let model = match self.service {
            "workspaces" => &*model::WORKSPACES,
            "ds" => &*model::DIRECTORY_SERVICE,
            "servicequotas" => &*model::SERVICE_QUOTAS,
            _ => &*model::SESV2,
        };
        let input = read(body)?;
        let violations = model.operation(&self.operation).map(|known| model.violations(known, &input)).unwrap_or_default();
        if violations.is_empty() {
            return Ok(input);
        }
        let errors = match violations.len() {
            1 => "1 validation error".to_owned(),
            count => format!("{count} validation errors"),
        };
        let code = if self.service == "ses" { "BadRequestException" } else { "ValidationException" };
        Err(AwsError::new(code, format!("{errors} detected: {}", violations.join("; "))))
    }

    fn success(&self, value: &Value) -> Response {
        let id = uuid::Uuid::new_v4().to_string();
        let (kind, body) = match self.service {
            "sts" => (XML, caller_identity(&id)),
            "ec2" => (XML, ec2::xml(&self.operation, &id, value)),
            "ses" => ("application/json", value.to_string()),
            _ => (JSON_1_1, value.to_string()),
        };
        ([("x-amzn-requestid", id.as_str()), ("content-type", kind)], body).into_response()
    }
}

const JSON_1_1: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml";
/// Of STS's answers.
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn caller_identity(request_id: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/frontdesk/sandbox</Arn><UserId>AROASANDBOX:sandbox</UserId><Account>{ACCOUNT}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
}

fn read_form(body: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

fn read(body: &[u8]) -> Result<Value, AwsError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(AwsError::new("SerializationException", "The request body is not a JSON object.")),
    }
}

fn failure(call: &Named, error: &AwsError) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    let (kind, body) = match call.service {
        "sts" => (XML, xml_error(error, &id)),
        "ec2" => (XML, ec2::xml_error(error, &id)),
        "servicequotas" => (JSON_1_1, json!({ "__type": error.code, "Message": error.message }).to_string()),
        "ds" => (JSON_1_1, json!({ "__type": error.code, "Message": error.message, "RequestId": id }).to_string()),
        _ => (JSON_1_1, json!({ "__type": error.code, "message": error.message }).to_string()),
    };
    let headers = [("x-amzn-requestid", id.as_str()), ("x-amzn-errortype", error.code.as_ref()), ("content-type", kind)];
    let date = error.now.map(|now| [("date", now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())]);
    match date {
        Some(date) => (error.status, headers, date, body).into_response(),
        None => (error.status, headers, body).into_response(),
    }
}

/// An error of the Query protocol.
fn xml_error(error: &AwsError, request_id: &str) -> String {
    let blamed = if error.status.is_server_error() { "Receiver" } else { "Sender" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{blamed}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>",
        error.code,
        escape(&error.message)
    )
}
