//! The texts of faults go to the log: they must not hold what AWS answered, which names people.

use std::time::Duration;

use backend::{
    aws::{AwsFault, PermissionOutcome},
    budget::Turns,
    settings,
};

use crate::{
    house,
    wire::{Reply, Wire},
};

#[tokio::test]
async fn what_aws_answers_is_not_in_the_text_of_a_fault() {
    let cut = r#"{"Workspaces":[{"WorkspaceId":"ws-1","UserName":"anna.nordwind""#;
    let broken = r#"{"message":"anna.nordwind is not there","__type":"InternalFailure"}"#;
    for (status, code, body) in [(200, "", cut), (500, "InternalFailure", broken), (503, "", "<html>anna.nordwind</html>")] {
        let wire = Wire::open(Reply { status, code, body }).await;
        let timeouts = settings::AwsTimeouts { operation: Duration::from_secs(5) };
        let aws =
            house::aws(&settings::Aws { region: Some("eu-central-1".into()), endpoint_url: Some(wire.url.clone()), timeouts })
                .await;
        let permissions = aws.permissions(Turns::Paused).await.asked;
        let outcome = permissions.iter().find(|asked| asked.action == "workspaces:DescribeWorkspaces").unwrap();
        let PermissionOutcome::Refused(fault @ AwsFault::Unknown(_)) = &outcome.outcome else { panic!("{status}: {outcome:?}") };
        let text = fault.to_string();
        assert!(text.len() > 12 && !text.contains("nordwind"), "{status}: {text}");
    }
}
