//! moto as AWS: the mirror's sweeps (`mirror`), the way of a directory (`directories`), launches (`launching`) and mail (`sending`). Each test has a Region of its own,
//! and with it a cloud in which nobody else makes anything.
//!
//! moto knows the shapes and not the behaviour: WorkSpaces are AVAILABLE at once, doubles and unknown users are taken, nothing
//! comes in pages. Where that is not what AWS says of itself, the test says so and AWS is right.

mod directories;
mod launching;
mod mirror;
mod sending;

use std::time::Duration;

use aws_sdk_directory::types::{DirectoryConnectSettings, DirectorySize};
use backend::mail::Mailer;
use sqlx::PgPool;

use crate::{
    house::{House, aws, mailer},
    told,
};

/// One Region of moto, as its owner sees it: raw calls, past the product's adapters.
struct Cloud {
    region: &'static str,
    directory_service: aws_sdk_directory::Client,
    workspaces: aws_sdk_workspaces::Client,
    mail: aws_sdk_sesv2::Client,
}

/// A Frontdesk whose AWS is a Region of moto, with nothing in its mirror but bundles, which moto has not.
async fn house(db: PgPool, region: &'static str) -> (House, Cloud) {
    let mut house = House::open(db).await;
    house.set(|settings| {
        settings.aws.endpoint_url = Some(told("WITNESS_MOTO"));
        settings.aws.region = Some(region.into());
        // moto loads a service when it is first asked.
        settings.aws.timeouts.operation = Duration::from_secs(20);
    });
    house.services.aws = aws(&house.services.settings.aws).await.into();
    house.services.mail = mailer(&house.services, None).await.into();
    house.execute("delete from directory").await;
    let config = &house.services.aws.config;
    let cloud = Cloud {
        region,
        directory_service: aws_sdk_directory::Client::new(config),
        workspaces: aws_sdk_workspaces::Client::new(config),
        mail: aws_sdk_sesv2::Client::new(config),
    };
    (house, cloud)
}

impl Cloud {
    /// The Region's first network, and two subnets of it in different zones.
    async fn network(&self) -> (String, Vec<String>) {
        let scope = format!("Credential=x/20260101/{}/ec2/aws4_request, SignedHeaders=host, Signature=x", self.region);
        let request = web().post(told("WITNESS_MOTO"));
        let request = request.header("authorization", format!("AWS4-HMAC-SHA256 {scope}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("Action=DescribeSubnets&Version=2016-11-15").send().await.unwrap().text().await.unwrap();
        let values = |name: &str| -> Vec<String> {
            let opening = format!("<{name}>");
            let parts = answer.split(&opening).skip(1);
            parts.filter_map(|part| Some(part.split_once('<')?.0.to_owned())).collect()
        };
        (values("vpcId")[0].clone(), values("subnetId")[..2].to_vec())
    }

    /// An AD Connector to a domain; not registered with WorkSpaces.
    async fn connect(&self, domain: &str, short_name: &str) -> String {
        let (vpc, subnets) = self.network().await;
        let settings = DirectoryConnectSettings::builder()
            .vpc_id(vpc)
            .set_subnet_ids(Some(subnets))
            .customer_dns_ips("10.20.0.10")
            .customer_user_name("svc-adconnector")
            .build()
            .unwrap();
        let call = self.directory_service.connect_directory().name(domain).short_name(short_name).password("Connect0r-password");
        let call = call.size(DirectorySize::Small).description(format!("To {domain}")).connect_settings(settings);
        call.send().await.unwrap().directory_id.unwrap()
    }

    async fn register(&self, directory: &str) {
        self.workspaces.register_workspace_directory().directory_id(directory).send().await.unwrap();
    }

    /// Makes the domain of the sender one that mail may come from.
    async fn verify_sender(&self) {
        self.mail.create_email_identity().email_identity("corp.example.com").send().await.unwrap();
    }
}

fn web() -> reqwest::Client {
    // reqwest looks for it; a second time changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::new()
}

/// Mails that moto took for an address: sender, subject and body.
async fn mails(to: &str) -> Vec<(String, String, String)> {
    let answer = web().get(format!("{}/moto-api/data.json", told("WITNESS_MOTO"))).send().await.unwrap();
    let data: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let text = |mail: &serde_json::Value, name: &str| mail[name].as_str().unwrap_or_default().to_owned();
    let all = data["ses"]["Message"].as_array().cloned().unwrap_or_default();
    let ours = all.into_iter().filter(|mail| mail["destinations"]["ToAddresses"] == serde_json::json!([to]));
    ours.map(|mail| (text(&mail, "source"), text(&mail, "subject"), text(&mail, "body"))).collect()
}

/// The mailer, once settings have changed.
async fn mailer_again(house: &mut House) {
    let renewed: Mailer = mailer(&house.services, None).await;
    house.services.mail = renewed.into();
}
