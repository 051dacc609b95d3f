//! The rate, and faults that somebody switches on.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use sandbox::faults::{Fault, Kind};
use serde_json::json;

use crate::{
    aws_clients::{Aws, request},
    refusal,
};

fn switch_on(aws: &Aws, operation: Option<&str>, kind: Kind, times: Option<u32>) {
    aws.sandbox.faults().add(Fault { operation: operation.map(ToOwned::to_owned), times, ..Fault::new("", kind) });
}

/// How many calls a bucket of 2 a second and a burst of 5 can have let through since `started`.
fn at_most(burst: f64, started: Instant) -> f64 {
    burst + 2.0 * started.elapsed().as_secs_f64()
}

#[tokio::test]
async fn two_calls_a_second_with_a_burst_of_five_over_all_operations() {
    let aws = Aws::behaving(|behaviour| behaviour.throttle = true).await;
    let started = Instant::now();
    let mut passed = 0;
    for call in 0..30 {
        let refused = match call % 2 {
            0 => aws.workspaces.describe_workspaces().send().await.is_err(),
            _ => aws.workspaces.describe_workspace_directories().send().await.is_err(),
        };
        assert!(call >= 5 || !refused, "call {call} is within the burst");
        passed += u32::from(!refused);
    }
    assert!(f64::from(passed) <= at_most(5.0, started) && passed < 30, "{passed}");
    aws.mail.get_account().send().await.expect("another service has its own rate");
    let counts = aws.sandbox.calls().counts();
    let throttled: u64 = counts.values().map(|count| count.throttled).sum();
    assert_eq!(throttled, u64::from(30 - passed));
    tokio::time::sleep(Duration::from_millis(600)).await;
    aws.workspaces.describe_workspaces().send().await.expect("a second refills");
}

#[tokio::test]
async fn a_throttled_call_says_so_as_aws_does() {
    let aws = Aws::behaving(|behaviour| behaviour.throttle = true).await;
    let mut refused = None;
    for _ in 0..30 {
        if let Err(error) = aws.workspaces.describe_tags().resource_id("ws-500000007").send().await {
            refused = Some(error);
            break;
        }
    }
    let (code, message, status) = refusal!(std::future::ready(Err::<(), _>(refused.expect("thirty calls were not throttled"))));
    assert_eq!((code.as_str(), message.as_str(), status), ("ThrottlingException", "Rate exceeded", 400));
}

#[tokio::test]
async fn the_rate_ignores_the_movable_clock() {
    let aws = Aws::behaving(|behaviour| behaviour.throttle = true).await;
    while aws.workspaces.describe_workspaces().send().await.is_ok() {}
    let started = Instant::now();
    aws.sandbox.clock().advance(chrono::TimeDelta::hours(1));
    let mut passed = 0;
    for _ in 0..5 {
        passed += u32::from(aws.workspaces.describe_workspaces().send().await.is_ok());
    }
    assert!(f64::from(passed) <= at_most(1.0, started), "{passed}");
}

#[tokio::test]
async fn an_item_fails_for_a_named_user_or_for_the_next_ones_that_come() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(4);
    let fail = |code: &str, times, items: Vec<String>| {
        let kind = Kind::FailItem { code: code.to_owned(), message: "Because.".to_owned() };
        aws.sandbox.faults().add(Fault::new("CreateWorkspaces", kind).times(times).items(items))
    };
    fail("InternalError.Named", 1, vec![accounts[2].to_uppercase()]);
    fail("InternalError.Next", 2, Vec::new());
    let all: Vec<_> = accounts.iter().map(|account| request(&aws, account)).collect();
    let answer = aws.create(all.clone()).await;
    let codes: Vec<_> =
        answer.failed_requests().iter().map(|failed| (failed.error_code().unwrap(), failed.error_message().unwrap())).collect();
    assert_eq!(
        codes,
        [("InternalError.Next", "Because."), ("InternalError.Next", "Because."), ("InternalError.Named", "Because.")]
    );
    assert_eq!(answer.pending_requests()[0].user_name(), Some(accounts[3].as_str()));
    assert!(aws.sandbox.faults().list().is_empty(), "used up");
    assert_eq!(aws.create(all).await.pending_requests().len(), 3);
}

#[tokio::test]
async fn the_work_is_done_and_the_reply_is_lost() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    switch_on(&aws, Some("CreateWorkspaces"), Kind::LoseReply, Some(1));
    let lost = aws.workspaces.create_workspaces().workspaces(request(&aws, &account)).send().await.unwrap_err();
    assert!(lost.as_service_error().is_none(), "nothing that AWS said: {lost:?}");
    let found =
        aws.workspaces.describe_workspaces().directory_id(aws.sandbox.directory()).user_name(&account).send().await.unwrap();
    assert_eq!(found.workspaces().len(), 1);
    let again = aws.create(vec![request(&aws, &account)]).await;
    assert_eq!(again.failed_requests()[0].error_code(), Some("ResourceExists.WorkSpace"));
}

#[tokio::test]
async fn a_mail_can_be_accepted_without_an_answer_too() {
    let aws = Aws::new().await;
    switch_on(&aws, Some("SendEmail"), Kind::LoseReply, Some(1));
    let body = json!({"FromEmailAddress": "desk@corp.example.com", "Destination": {"ToAddresses": ["a@example.com"]},
        "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}});
    let url = format!("{}/v2/email/outbound-emails", aws.sandbox.url());
    let answer = match aws.http.post(url).body(body.to_string()).send().await {
        Ok(response) => response.bytes().await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(answer.is_err());
    assert_eq!(aws.control("inbox").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn throttles_and_server_errors_come_so_many_times_before_any_work() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let before = aws.sandbox.state().memory().workspaces.len();
    switch_on(&aws, Some("CreateWorkspaces"), Kind::Throttle, Some(2));
    switch_on(&aws, Some("CreateWorkspaces"), Kind::ServerError, Some(1));
    let call = || aws.workspaces.create_workspaces().workspaces(request(&aws, &account)).send();
    for wanted in [("ThrottlingException", 400), ("ThrottlingException", 400), ("InternalFailure", 500)] {
        aws.workspaces.describe_workspaces().send().await.expect("only the named operation is hit");
        let (code, _, status) = refusal!(call());
        assert_eq!((code.as_str(), status), wanted);
    }
    assert_eq!(aws.sandbox.state().memory().workspaces.len(), before);
    call().await.unwrap();
}

#[tokio::test]
async fn a_fault_of_every_operation_lasts_until_it_is_cleared() {
    let aws = Aws::new().await;
    switch_on(&aws, None, Kind::ServerError, None);
    for _ in 0..3 {
        assert_eq!(refusal!(aws.workspaces.describe_workspaces().send()).2, 500);
        assert_eq!(refusal!(aws.mail.get_account().send()).2, 500);
    }
    aws.sandbox.faults().clear();
    aws.workspaces.describe_workspaces().send().await.unwrap();
}

#[tokio::test]
async fn an_answer_can_be_held_while_the_work_is_already_done() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    switch_on(&aws, Some("CreateWorkspaces"), Kind::Delay { ms: 2_000 }, Some(1));
    let started = Instant::now();
    let look = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let found =
            aws.workspaces.describe_workspaces().directory_id(aws.sandbox.directory()).user_name(&account).send().await.unwrap();
        assert_eq!((found.workspaces().len(), started.elapsed() < Duration::from_secs(2)), (1, true));
    };
    tokio::join!(aws.create_for(&account), look);
    assert!(started.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_lost_reply_is_no_byte_of_an_answer() {
    let aws = Aws::new().await;
    switch_on(&aws, None, Kind::LoseReply, Some(1));
    let address = aws.sandbox.url().trim_start_matches("http://").to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {address}\r\nX-Amz-Target: WorkspacesService.DescribeWorkspaces\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read);
        read
    });
    let read = read.await.unwrap();
    assert!(read.is_empty(), "{}", String::from_utf8_lossy(&read));
}

#[tokio::test]
async fn an_answer_never_comes_whether_the_work_is_done_or_not() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(2);
    for (account, work_done) in accounts.iter().zip([true, false]) {
        switch_on(&aws, Some("CreateWorkspaces"), Kind::TimeOut { work_done }, Some(1));
        let call = aws.workspaces.create_workspaces().workspaces(request(&aws, account)).send();
        aws.is_not_answered("workspaces:CreateWorkspaces", call).await;
        let made = aws.sandbox.state().memory().workspaces.iter().any(|workspace| workspace.user_name == *account);
        assert_eq!(made, work_done);
    }
    assert_eq!(aws.sandbox.calls().last()[0].error.as_deref(), Some("no answer"));
}

#[tokio::test]
async fn a_workspace_is_shown_late_ends_in_error_or_comes_twice() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(2);
    let on = |kind, account: &str| aws.sandbox.faults().add(Fault::new("CreateWorkspaces", kind).items(vec![account.to_owned()]));
    on(Kind::LateVisibility { ms: 60_000 }, &accounts[0]);
    on(Kind::EndInError, &accounts[1]);
    on(Kind::AllowDouble, &accounts[1]);
    let (late, broken) = (aws.create_for(&accounts[0]).await, aws.create_for(&accounts[1]).await);
    aws.create_for(&accounts[1]).await;
    let shown = async |id: &str| {
        let found = aws.workspaces.describe_workspaces().workspace_ids(id).send().await.unwrap();
        found.workspaces().first().map(|workspace| workspace.state().unwrap().as_str().to_owned())
    };
    aws.sandbox.clock().advance(chrono::TimeDelta::seconds(30));
    assert_eq!((shown(&late).await, shown(&broken).await.as_deref()), (None, Some("ERROR")));
    aws.sandbox.clock().advance(chrono::TimeDelta::seconds(31));
    assert_eq!(shown(&late).await.as_deref(), Some("AVAILABLE"));
}

#[tokio::test]
async fn a_fault_can_be_a_matter_of_chance() {
    let aws = Aws::new().await;
    for (probability, wanted) in [(0.0, 0), (1.0, 40)] {
        aws.sandbox.faults().clear();
        aws.sandbox.faults().add(Fault { probability: Some(probability), ..Fault::new("DescribeWorkspaces", Kind::ServerError) });
        let mut hit = 0;
        for _ in 0..40 {
            hit += u32::from(aws.workspaces.describe_workspaces().send().await.is_err());
        }
        assert_eq!(hit, wanted);
    }
}

#[tokio::test]
async fn ses_refuses_one_address_and_a_used_up_day() {
    let aws = Aws::behaving(|behaviour| behaviour.ses_quota = 1).await;
    let refuse = Kind::Refuse { code: "MessageRejected".to_owned(), message: "Blocked.".to_owned() };
    aws.sandbox.faults().add(Fault::new("SendEmail", refuse).items(vec!["b@example.com".to_owned()]));
    let send = |to: &str| {
        let text = |text: &str| Content::builder().data(text).build().unwrap();
        let body = Body::builder().text(text("t")).build();
        let simple = Message::builder().subject(text("s")).body(body).build();
        let mail = aws.mail.send_email().from_email_address("desk@corp.example.com");
        mail.destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(simple).build())
            .send()
    };
    assert_eq!(refusal!(send("b@example.com")), ("MessageRejected".to_owned(), "Blocked.".to_owned(), 400));
    send("a@example.com").await.unwrap();
    let (code, message, status) = refusal!(send("a@example.com"));
    assert_eq!((code.as_str(), message.as_str(), status), ("TooManyRequestsException", "Daily message quota exceeded.", 429));
    aws.sandbox.clock().advance(chrono::TimeDelta::hours(25));
    send("a@example.com").await.unwrap();
}

#[tokio::test]
async fn a_signature_of_another_hour_is_refused() {
    for (seconds, wanted) in [(3_600, "Signature expired"), (-3_600, "Signature not yet current")] {
        let aws = Aws::new().await;
        switch_on(&aws, Some("DescribeWorkspaces"), Kind::ClockSkew { seconds }, Some(1));
        let (code, message, status) = refusal!(aws.workspaces.describe_workspaces().send());
        assert_eq!((code.as_str(), status), ("InvalidSignatureException", 400));
        assert!(message.starts_with(wanted), "{message}");
    }
    let aws = Aws::new().await;
    switch_on(&aws, Some("DescribeWorkspaces"), Kind::ClockSkew { seconds: 240 }, Some(1));
    aws.workspaces.describe_workspaces().send().await.expect("four minutes are within what AWS takes");
    // The answer tells the time by which the signature was judged, and the SDK signs by that from then on.
    switch_on(&aws, Some("DescribeWorkspaces"), Kind::ClockSkew { seconds: 3_600 }, Some(1));
    let refused = aws.workspaces.describe_workspaces().send().await.unwrap_err();
    let date = refused.raw_response().unwrap().headers().get("date").unwrap();
    let apart = chrono::DateTime::parse_from_rfc2822(date).unwrap().to_utc() - aws.sandbox.clock().now();
    assert!((3_590..=3_610).contains(&apart.num_seconds()), "{date}");
}
