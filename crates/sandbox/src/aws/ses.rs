//! SESv2: takes mail into the inbox.

use axum::http::{Method, StatusCode};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use super::{Answer, AwsError, Operations, model::SESV2};
use crate::{Inner, state::Mail};

/// Verified for sending: this domain and its addresses.
const IDENTITY: &str = "corp.example.com";

/// The operation behind a method and path, and the value in the path.
pub(super) fn route(method: &Method, path: &str) -> (String, Option<String>) {
    for (name, operation) in SESV2.operations().filter(|(_, operation)| operation.http.method == method.as_str()) {
        let template = operation.http.request_uri.trim_end_matches('/');
        match template.split_once('{') {
            None if template == path => return (name.clone(), None),
            Some((before, rest)) if rest.ends_with('}') => {
                if let Some(value) = path.strip_prefix(before).filter(|value| !value.is_empty() && !value.contains('/')) {
                    return (name.clone(), Some(value.to_owned()));
                }
            }
            _ => {}
        }
    }
    ("Unknown".to_owned(), None)
}

pub(super) const OPERATIONS: Operations = &[
    ("SendEmail", |inner, request| send(inner, request.input)),
    ("GetAccount", |inner, _| Ok(account(inner))),
    ("GetEmailIdentity", |inner, request| identity(inner, request.resource)),
    ("ListEmailIdentities", |inner, _| {
        let (verified, status) = verification(inner);
        let known = json!({ "IdentityType": "DOMAIN", "IdentityName": IDENTITY, "SendingEnabled": verified, "VerificationStatus": status });
        Ok(json!({ "EmailIdentities": [known] }))
    }),
];

/// Whether the identity may be sent from, and how SES calls that.
fn verification(inner: &Inner) -> (bool, &'static str) {
    if inner.state.behaviour().ses_verified { (true, "SUCCESS") } else { (false, "PENDING") }
}

fn account(inner: &Inner) -> Value {
    json!({
        "ProductionAccessEnabled": inner.state.behaviour().ses_production, "SendingEnabled": true, "EnforcementStatus": "HEALTHY", "DedicatedIpAutoWarmupEnabled": false,
        "SendQuota": { "Max24HourSend": inner.state.behaviour().ses_quota, "MaxSendRate": inner.state.behaviour().ses_rate, "SentLast24Hours": sent_lately(inner) },
    })
}

/// Mails of the last 24 hours.
fn sent_lately(inner: &Inner) -> usize {
    let since = inner.clock.now() - TimeDelta::hours(24);
    inner.state.memory().mails.iter().filter(|mail| mail.at > since).count()
}

fn identity(inner: &Inner, name: Option<&str>) -> Answer {
    if name != Some(IDENTITY) {
        return Err(AwsError::new("NotFoundException", "Email identity does not exist.").with_status(StatusCode::NOT_FOUND));
    }
    let (verified, status) = verification(inner);
    Ok(json!({
        "IdentityType": "DOMAIN", "VerifiedForSendingStatus": verified, "VerificationStatus": status, "FeedbackForwardingStatus": true,
    }))
}

fn send(inner: &Inner, input: &Value) -> Answer {
    if sent_lately(inner) >= inner.state.behaviour().ses_quota {
        let error = AwsError::new("TooManyRequestsException", "Daily message quota exceeded.");
        return Err(error.with_status(StatusCode::TOO_MANY_REQUESTS));
    }
    let content = &input["Content"];
    let kinds = ["Simple", "Raw", "Template"].iter().filter(|kind| content[**kind].is_object()).count();
    if kinds != 1 {
        return Err(AwsError::new("BadRequestException", "Content must hold exactly one of Simple, Raw and Template."));
    }
    let mut mail = if content["Raw"].is_object() { read_raw(&content["Raw"])? } else { read_simple(content) };
    if let Some(from) = input["FromEmailAddress"].as_str() {
        from.clone_into(&mut mail.from);
    }
    let named = ["ToAddresses", "CcAddresses", "BccAddresses"];
    let destination = &input["Destination"];
    let recipients =
        named.iter().filter_map(|list| destination.get(*list)?.as_array()).flat_map(|list| list.iter().filter_map(Value::as_str));
    let recipients: Vec<_> = recipients.map(ToOwned::to_owned).collect();
    if !recipients.is_empty() {
        mail.to = recipients;
    }
    if mail.to.is_empty() || mail.to.len() > 50 {
        return Err(AwsError::new("BadRequestException", "A message needs 1 to 50 recipients."));
    }
    let address = |text: &str| text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>')).trim().to_owned();
    if mail.to.iter().any(|to| to.contains(['\r', '\n']) || !address(to).contains('@')) {
        return Err(AwsError::new("BadRequestException", "Illegal address"));
    }
    let behaviour = inner.state.behaviour();
    let is_verified = |text: &&String| behaviour.ses_verified && address(text).ends_with(&format!("@{IDENTITY}"));
    let checked = [&mail.from].into_iter().chain(mail.to.iter().filter(|_| !behaviour.ses_production));
    let unverified: Vec<_> = checked.filter(|text| !is_verified(text)).map(String::as_str).collect();
    if !unverified.is_empty() {
        let message = format!(
            "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: {}",
            unverified.join(", ")
        );
        return Err(AwsError::new("MessageRejected", message));
    }
    let tags = input["EmailTags"].as_array().into_iter().flatten();
    mail.tags = tags
        .map(|tag| (tag["Name"].as_str().unwrap_or_default().to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned()))
        .collect();
    mail.id = format!("0107{}-000000", hex::encode(rand::random::<[u8; 12]>()));
    mail.at = inner.clock.now();
    let id = mail.id.clone();
    inner.state.change(|memory| memory.mails.push(mail));
    Ok(json!({ "MessageId": id }))
}

fn empty() -> Mail {
    Mail {
        id: String::new(),
        at: chrono::DateTime::UNIX_EPOCH,
        from: String::new(),
        to: Vec::new(),
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        tags: Vec::new(),
    }
}

fn read_simple(content: &Value) -> Mail {
    let data = |path: &str| content.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    Mail {
        subject: data("/Simple/Subject/Data"),
        text: data("/Simple/Body/Text/Data"),
        html: data("/Simple/Body/Html/Data"),
        ..empty()
    }
}

fn read_raw(raw: &Value) -> Result<Mail, AwsError> {
    let unreadable = || AwsError::new("BadRequestException", "The raw message is not readable.");
    let bytes = BASE64_STANDARD.decode(raw["Data"].as_str().unwrap_or_default()).map_err(|_| unreadable())?;
    let message = MessageParser::default().parse(&bytes).ok_or_else(unreadable)?;
    let addresses = |list: Option<&mail_parser::Address<'_>>| {
        list.map(|list| list.iter().filter_map(|address| address.address()).map(ToOwned::to_owned).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    Ok(Mail {
        from: addresses(message.from()).into_iter().next().unwrap_or_default(),
        to: addresses(message.to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
        ..empty()
    })
}
