//! What the settings themselves show: the files of the site, and addresses that are not the usual ones.

use backend::Services;

use crate::config::Config;
use model::directories::Finding;

pub(super) fn examine(config: &Config, services: &Services) -> Vec<Finding> {
    let hashes = config.site.join("hash.txt");
    let site = match hashes.is_file() {
        true => Finding::pass("site", config.site.display().to_string()),
        false => Finding::fail("site", format!("{} is missing", hashes.display()), "Set site to the folder `site` of the build."),
    };
    let mut findings = vec![site];
    let overridden = overridden(services.aws.config.endpoint_url(), std::env::vars());
    if overridden.is_empty() {
        findings.push(Finding::pass("endpoints", "AWS's own"));
    }
    let cure = "For a sandbox or a VPC endpoint only: credentials are signed for whoever listens there.";
    findings.extend(overridden.into_iter().map(|words| Finding::note("endpoints", words, cure)));
    if config.settings.public_url.scheme() == "http" {
        let words = format!("{} is reached from this machine only", config.settings.public_url);
        findings.push(Finding::note("public_url", words, "Set it to the https:// address at which people reach Frontdesk."));
    }
    findings
}

/// The addresses that stand in the place of AWS's own: of the configuration, and of the environment by service.
fn overridden(all: Option<&str>, environment: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut by_service: Vec<_> = environment.filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL_")).collect();
    by_service.sort();
    let by_service = by_service.into_iter().map(|(name, url)| format!("overridden by {name}: {url}"));
    all.map(|url| format!("all of AWS overridden: {url}")).into_iter().chain(by_service).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_overridden_endpoint_is_named() {
        let environment =
            [("AWS_ENDPOINT_URL_SESV2", "http://ses"), ("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL_DS", "http://ds")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let named = overridden(Some("http://aws"), environment.into_iter());
        assert_eq!(
            named,
            [
                "all of AWS overridden: http://aws",
                "overridden by AWS_ENDPOINT_URL_DS: http://ds",
                "overridden by AWS_ENDPOINT_URL_SESV2: http://ses"
            ]
        );
        assert!(overridden(None, std::iter::empty()).is_empty());
    }
}
