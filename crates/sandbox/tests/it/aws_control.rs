//! The sandbox's own pages and their JSON: inbox, call log, faults, clock, behaviour and WorkSpaces.

use aws_sdk_directory::types::{DirectoryDescription, DirectoryStage};
use chrono::TimeDelta;
use reqwest::{StatusCode, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    aws_clients::{Aws, connect, make, request},
    refusal,
};

async fn send_html(aws: &Aws, subject: &str, html: &str) {
    let body = json!({"FromEmailAddress": "desk@corp.example.com", "Destination": {"ToAddresses": ["a@example.com"]},
        "Content": {"Simple": {"Subject": {"Data": subject}, "Body": {"Text": {"Data": "Open https://desk.example/w/abc <now>"}, "Html": {"Data": html}}}}});
    let response =
        aws.http.post(format!("{}/v2/email/outbound-emails", aws.sandbox.url())).body(body.to_string()).send().await.unwrap();
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
}

async fn connector(aws: &Aws, id: &str) -> DirectoryDescription {
    let answer = aws.directory.describe_directories().directory_ids(id).send().await.unwrap();
    answer.directory_descriptions.unwrap().remove(0)
}

fn first_mail(aws: &Aws) -> String {
    aws.sandbox.state().memory().mails[0].id.clone()
}

#[tokio::test]
async fn a_mail_is_shown_in_a_sandboxed_frame_and_its_words_are_escaped() {
    let aws = Aws::new().await;
    send_html(
        &aws,
        "<script>alert(1)</script>",
        "<html><head></head><body><a href=\"https://desk.example/w/abc\">Open</a></body></html>",
    )
    .await;
    let list = aws.page("inbox").await;
    assert!(list.contains("&lt;script&gt;alert(1)") && !list.contains("<script>"), "{list}");
    let id = first_mail(&aws);
    let shown = aws.page(&format!("inbox/{id}")).await;
    assert!(!shown.contains("<script>") && shown.contains(r#"sandbox="allow-popups allow-popups-to-escape-sandbox""#));
    assert!(
        shown.contains(r#"<a href="https://desk.example/w/abc" target="_blank" rel="noopener">"#)
            && shown.contains("&lt;now&gt;")
    );
    let html = aws.http.get(format!("{}/_sandbox/inbox/{id}/html", aws.sandbox.url())).send().await.unwrap();
    let policy = html.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("sandbox allow-popups"), "{policy}");
    assert!(html.text().await.unwrap().contains(r#"<base target="_blank">"#));
    let missing = aws.http.get(format!("{}/_sandbox/inbox/nothing", aws.sandbox.url())).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn every_page_is_whole_and_none_needs_a_script() {
    let aws = Aws::new().await;
    aws.create_for(&aws.free_accounts(1)[0]).await;
    send_html(&aws, "Hello", "<p>x</p>").await;
    for path in ["inbox", "calls", "workspaces", "directories", "faults", "clock"] {
        let html = aws.page(path).await;
        assert!(
            html.starts_with("<!doctype html>") && html.contains("<h1>") && html.contains("prefers-color-scheme:dark"),
            "{path}"
        );
        assert!(!html.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn the_inbox_can_be_emptied() {
    let aws = Aws::new().await;
    send_html(&aws, "Hello", "<p>x</p>").await;
    let url = format!("{}/_sandbox/api/inbox", aws.sandbox.url());
    assert_eq!(aws.http.delete(url).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(aws.control("inbox").await, json!([]));
}

#[tokio::test]
async fn the_call_log_keeps_the_last_2000_and_totals_for_ever() {
    let aws = Aws::new().await;
    for _ in 0..21 {
        let calls = (0..100).map(|_| aws.post("WorkspacesService.DescribeTags", r#"{"ResourceId":"ws-500000007"}"#));
        futures::future::join_all(calls).await;
    }
    let _ = refusal!(aws.workspaces.describe_workspaces().user_name("ada").send());
    let log = aws.control("calls").await;
    let last = log["last"].as_array().unwrap();
    assert_eq!((last.len(), &log["counts"]["workspaces:DescribeTags"]["calls"]), (2_000, &json!(2_100)));
    let newest = &last[0];
    assert_eq!((&newest["operation"], &newest["status"]), (&json!("DescribeWorkspaces"), &json!(400)));
    assert_eq!(newest["error"], "InvalidParameterValuesException");
    assert!(newest["at"].is_string() && newest["ms"].is_u64());
    assert!(aws.page("calls").await.contains("workspaces:DescribeTags"));
}

#[tokio::test]
async fn faults_are_switched_on_and_off_over_http_and_by_form() {
    let aws = Aws::new().await;
    let url = format!("{}/_sandbox/api/faults", aws.sandbox.url());
    let fault = json!({"operation": "CreateWorkspaces", "kind": "fail_item", "code": "Broken.Item", "items": [], "times": 1});
    assert_eq!(aws.http.post(&url).json(&fault).send().await.unwrap().status(), 200);
    assert_eq!(aws.control("faults").await[0]["code"], "Broken.Item");
    let answer = aws.create(vec![request(&aws, &aws.free_accounts(1)[0])]).await;
    assert_eq!(answer.failed_requests()[0].error_code(), Some("Broken.Item"));
    let unknown = aws.http.post(&url).json(&json!({"kind": "meteor"})).send().await.unwrap();
    assert!(unknown.status().is_client_error());

    let person = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let form = [
        ("kind", "throttle"),
        ("operation", "SendEmail"),
        ("times", "2"),
        ("percent", "100"),
        ("code", ""),
        ("item", ""),
        ("ms", "0"),
    ];
    let page = format!("{}/_sandbox/faults", aws.sandbox.url());
    assert_eq!(person.post(&page).form(&form).send().await.unwrap().status(), StatusCode::SEE_OTHER);
    assert!(aws.page("faults").await.contains("Throttle"));
    assert_eq!(aws.http.delete(&url).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(aws.control("faults").await, json!([]));
}

#[tokio::test]
async fn behaviour_changes_member_by_member_while_running() {
    let aws = Aws::new().await;
    let url = format!("{}/_sandbox/api/behaviour", aws.sandbox.url());
    let before = aws.control("behaviour").await;
    let after: Value = aws.http.patch(&url).json(&json!({"pending_ms": 600_000})).send().await.unwrap().json().await.unwrap();
    assert_eq!(after["pending_ms"], 600_000);
    assert_eq!((&after["quota"], &after["ses_rate"]), (&before["quota"], &before["ses_rate"]));
    let made = aws.create(vec![request(&aws, &aws.free_accounts(1)[0])]).await;
    let id = made.pending_requests()[0].workspace_id().unwrap().to_owned();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let found = aws.workspaces.describe_workspaces().workspace_ids(id).send().await.unwrap();
    assert_eq!(found.workspaces()[0].state().unwrap().as_str(), "PENDING");
    let wrong = aws.http.patch(&url).json(&json!({"pending_ms": "soon"})).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_clock_moves_on() {
    let aws = Aws::new().await;
    let now = |value: &Value| chrono::DateTime::parse_from_rfc3339(value["now"].as_str().unwrap()).unwrap();
    let before = now(&aws.control("clock").await);
    let url = format!("{}/_sandbox/api/clock", aws.sandbox.url());
    let after: Value = aws.http.post(&url).json(&json!({"seconds": 7_200})).send().await.unwrap().json().await.unwrap();
    let moved = now(&after) - before;
    assert!((7_200..7_210).contains(&moved.num_seconds()), "{moved}");

    let after: Value = aws.http.post(&url).json(&json!({"days": 14})).send().await.unwrap().json().await.unwrap();
    assert_eq!((now(&after) - before - moved).num_days(), 14);
    let page = format!("{}/_sandbox/clock", aws.sandbox.url());
    let answer = aws.http.post(page).form(&[("minutes", "0"), ("days", "3")]).send().await.unwrap();
    assert!(answer.status().is_success() || answer.status().is_redirection(), "{}", answer.status());
    assert_eq!((now(&aws.control("clock").await) - now(&after)).num_days(), 3);
}

#[tokio::test]
async fn every_creation_ever_is_kept_with_its_tags() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let id = aws.create_for(&account).await;
    let ending = aws_sdk_workspaces::types::TerminateRequest::builder().workspace_id(&id).build().unwrap();
    aws.workspaces.terminate_workspaces().terminate_workspace_requests(ending).send().await.unwrap();
    aws.sandbox.clock().advance(TimeDelta::hours(1));
    let second = aws.create_for(&account).await;
    let all = aws.control("workspaces").await;
    let mine: Vec<_> = all.as_array().unwrap().iter().filter(|workspace| workspace["user_name"] == account.as_str()).collect();
    assert_eq!(
        mine.iter().map(|workspace| workspace["id"].as_str().unwrap()).collect::<Vec<_>>(),
        [id.as_str(), second.as_str()]
    );
    assert!(mine[0]["terminated_at"].is_string() && mine[1]["terminated_at"].is_null());
    assert!(mine.iter().all(|workspace| workspace["tags"] == json!([["frontdesk:item", format!("item-of-{account}")]])));
}

#[tokio::test]
async fn stages_and_dns_addresses_change_from_outside() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    let reason = "DNS unavailable (TCP port 53) for IP: 127.0.0.1";
    assert_eq!(make(&aws, &id, &json!({ "stage": "Impaired", "reason": reason })).await, 204);
    let impaired = connector(&aws, &id).await;
    assert_eq!((impaired.stage(), impaired.stage_reason()), (Some(&DirectoryStage::Impaired), Some(reason)));
    assert_eq!(make(&aws, &id, &json!({ "dns": ["10.20.0.10", "10.20.0.11"] })).await, 204);
    assert_eq!(connector(&aws, &id).await.dns_ip_addrs(), ["10.20.0.10", "10.20.0.11"]);
    assert_eq!(connector(&aws, &id).await.stage, Some(DirectoryStage::Impaired), "members that are not named stay");
    assert_eq!(make(&aws, &id, &json!({ "stage": "Active" })).await, 204);
    assert_eq!(connector(&aws, &id).await.stage_reason(), None);
    for (id, change, status) in [
        (id.as_str(), json!({ "stage": "Broken" }), 400),
        (id.as_str(), json!({ "dns": ["dc1"] }), 400),
        ("d-0000000000", json!({ "stage": "Active" }), 404),
    ] {
        assert_eq!(make(&aws, id, &change).await, status, "{id} {change}");
    }
}

/// As long as a change of its DNS addresses is under way, where somebody wants that to take its time.
#[tokio::test]
async fn a_connector_whose_addresses_change_is_updating_first() {
    let aws = Aws::behaving(|behaviour| behaviour.connector_updating_ms = 60_000).await;
    let id = connect(&aws).await;
    assert_eq!(make(&aws, &id, &json!({ "dns": ["10.20.0.11"] })).await, 204);
    let updating = connector(&aws, &id).await;
    assert_eq!(
        (updating.stage(), updating.dns_ip_addrs()),
        (Some(&DirectoryStage::Updating), ["10.20.0.11".to_owned()].as_slice())
    );
    let (code, _, _) = refusal!(aws.workspaces.register_workspace_directory().directory_id(&id).send());
    assert_eq!(code, "InvalidResourceStateException");
    let before = updating.stage_last_updated_date_time().unwrap().secs();
    aws.sandbox.clock().advance(TimeDelta::seconds(61));
    let active = connector(&aws, &id).await;
    assert_eq!(active.stage(), Some(&DirectoryStage::Active));
    assert_eq!(active.stage_last_updated_date_time().unwrap().secs() - before, 60);
}

#[tokio::test]
async fn the_page_changes_a_connector_by_form() {
    let aws = Aws::new().await;
    let person = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let form = [("id", "d-906731a2b4"), ("stage", "Inoperable"), ("reason", "<gone>"), ("dns", "10.20.0.11, 10.20.0.10")];
    let url = format!("{}/_sandbox/directories", aws.sandbox.url());
    assert_eq!(person.post(&url).form(&form).send().await.unwrap().status(), 303);
    let page = aws.page("directories").await;
    assert!(page.contains("Inoperable") && page.contains("&lt;gone&gt;") && page.contains("10.20.0.11, 10.20.0.10"), "{page}");
    let keep = [("id", "d-906731a2b4"), ("stage", ""), ("reason", ""), ("dns", "")];
    assert_eq!(person.post(&url).form(&keep).send().await.unwrap().status(), 303);
    assert_eq!(connector(&aws, "d-906731a2b4").await.stage, Some(DirectoryStage::Inoperable));
}
