//! SESv2 takes mail into the inbox, or refuses it; STS says who one is.

use aws_sdk_sesv2::{
    operation::send_email::builders::SendEmailFluentBuilder,
    primitives::Blob,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag, RawMessage, VerificationStatus},
};

use crate::{aws_clients::Aws, refusal};

const FROM: &str = "\"Frontdesk\" <desk@corp.example.com>";

fn content(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().unwrap()
}

fn simple(subject: &str) -> EmailContent {
    let body = Body::builder().text(content("Your code is WSfra+7KQ2MD.")).html(content("<p>Your code &amp; more</p>")).build();
    EmailContent::builder().simple(Message::builder().subject(content(subject)).body(body).build()).build()
}

fn raw(message: &str) -> EmailContent {
    EmailContent::builder().raw(RawMessage::builder().data(Blob::new(message)).build().unwrap()).build()
}

fn mail(aws: &Aws, from: &str, to: &[&str], content: EmailContent) -> SendEmailFluentBuilder {
    let destination = Destination::builder().set_to_addresses(Some(to.iter().map(ToString::to_string).collect())).build();
    aws.mail.send_email().from_email_address(from).destination(destination).content(content)
}

#[tokio::test]
async fn a_simple_mail_lands_in_the_inbox_with_both_parts_and_tags() {
    let aws = Aws::new().await;
    let tag = MessageTag::builder().name("invitation").value("0192-abc_D").build().unwrap();
    let sent = mail(&aws, FROM, &["zoë@example.com"], simple("Ihr Desktop — schön")).email_tags(tag).send().await.unwrap();
    let inbox = aws.control("inbox").await;
    let [kept] = inbox.as_array().unwrap().as_slice() else { panic!("{inbox}") };
    assert_eq!(kept["id"], sent.message_id().unwrap());
    assert_eq!((&kept["from"], &kept["to"]), (&FROM.into(), &vec!["zoë@example.com"].into()));
    assert_eq!((&kept["subject"], &kept["text"]), (&"Ihr Desktop — schön".into(), &"Your code is WSfra+7KQ2MD.".into()));
    assert_eq!(kept["html"], "<p>Your code &amp; more</p>");
    assert_eq!(kept["tags"], serde_json::json!([["invitation", "0192-abc_D"]]));
}

#[tokio::test]
async fn a_raw_mail_is_read_for_the_inbox() {
    let aws = Aws::new().await;
    let message = "From: Desk <desk@corp.example.com>\r\nTo: Ada <ada@corp.example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n\
        --b\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--b--\r\n";
    aws.mail.send_email().content(raw(message)).send().await.unwrap();
    let inbox = aws.control("inbox").await;
    assert_eq!((&inbox[0]["from"], &inbox[0]["to"]), (&"desk@corp.example.com".into(), &vec!["ada@corp.example.com"].into()));
    assert_eq!((&inbox[0]["subject"], inbox[0]["html"].as_str().unwrap().trim()), (&"Grüße".into(), "<b>rich</b>"));
    assert_eq!(inbox[0]["text"].as_str().unwrap().trim(), "plain");
}

#[tokio::test]
async fn what_ses_refuses_is_refused_and_leaves_nothing_in_the_inbox() {
    let aws = Aws::new().await;
    let many: Vec<_> = (0..51).map(|number| format!("p{number}@example.com")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let both = EmailContent::builder().simple(simple("x").simple().unwrap().clone()).raw(raw("x").raw().unwrap().clone()).build();
    let calls = [
        (mail(&aws, "desk@elsewhere.example", &["a@example.com"], simple("x")), "MessageRejected"),
        (mail(&aws, "desk@notcorp.example.com", &["a@example.com"], simple("x")), "MessageRejected"),
        (mail(&aws, FROM, &many, simple("x")), "BadRequestException"),
        (mail(&aws, FROM, &[], simple("x")), "BadRequestException"),
        (mail(&aws, FROM, &["a@example.com\r\nBcc: b@example.com"], simple("x")), "BadRequestException"),
        (mail(&aws, FROM, &["not an address"], simple("x")), "BadRequestException"),
        (mail(&aws, FROM, &["a@example.com"], both), "BadRequestException"),
        (mail(&aws, FROM, &["a@example.com"], EmailContent::builder().build()), "BadRequestException"),
        (aws.mail.send_email().content(raw("")), "BadRequestException"),
    ];
    for (number, (call, wanted)) in calls.into_iter().enumerate() {
        let (code, message, status) = refusal!(call.send());
        assert_eq!((code.as_str(), status), (wanted, 400), "call {number}: {message}");
    }
    assert_eq!(aws.control("inbox").await.as_array().unwrap().len(), 0);
    mail(&aws, FROM, &many[..50], simple("x")).send().await.unwrap();
}

#[tokio::test]
async fn the_send_rate_is_kept_in_real_time() {
    let aws = Aws::behaving(|behaviour| behaviour.ses_rate = 3.0).await;
    let started = std::time::Instant::now();
    let mut refused = 0_u32;
    for _ in 0..30 {
        if let Err(error) = mail(&aws, FROM, &["a@example.com"], simple("x")).send().await {
            use aws_sdk_sesv2::error::ProvideErrorMetadata;
            assert_eq!((error.code(), error.raw_response().unwrap().status().as_u16()), (Some("TooManyRequestsException"), 429));
            refused += 1;
        }
    }
    let sent = 30 - refused;
    assert!((3.0..=3.0 + 3.0 * started.elapsed().as_secs_f64()).contains(&f64::from(sent)), "{sent}");
    assert_eq!(aws.sandbox.state().memory().mails.len(), usize::try_from(sent).unwrap());
    assert_eq!(aws.sandbox.calls().counts()["ses:SendEmail"].throttled, u64::from(refused));
}

#[tokio::test]
async fn the_account_and_its_identity_are_told() {
    let aws = Aws::new().await;
    let account = aws.mail.get_account().send().await.unwrap();
    assert!(account.sending_enabled() && account.production_access_enabled());
    assert_eq!(account.send_quota().unwrap().max_send_rate(), 14.0);
    let identity = aws.mail.get_email_identity().email_identity("corp.example.com").send().await.unwrap();
    assert_eq!(
        (identity.verification_status(), identity.verified_for_sending_status()),
        (Some(&VerificationStatus::Success), true)
    );
    let (code, _, status) = refusal!(aws.mail.get_email_identity().email_identity("elsewhere.example").send());
    assert_eq!((code.as_str(), status), ("NotFoundException", 404));
    let all = aws.mail.list_email_identities().send().await.unwrap();
    assert_eq!(
        all.email_identities().iter().map(|identity| identity.identity_name().unwrap()).collect::<Vec<_>>(),
        ["corp.example.com"]
    );
}

#[tokio::test]
async fn sts_says_which_account_it_is() {
    let aws = Aws::new().await;
    let who = aws.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(who.account(), Some("123456789012"));
    assert!(who.arn().unwrap().starts_with("arn:aws:sts::123456789012:"));
}
