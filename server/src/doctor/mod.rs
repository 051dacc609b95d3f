//! `frontdesk doctor`: asks every part, says how it stands, and what to do about what is not well. What is outside is the report
//! on readiness, as the page shows it; what only operators of the process can ask is here.

mod database;
mod provider;
mod settings;

use std::{fmt, io};

use backend::{Services, directories::readiness};
use model::{
    access::Actor,
    directories::{Finding, Outcome},
};

use crate::config::Config;

/// A finding as a line of the report, with its cure below.
struct Line<'a>(&'a Finding);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { what, outcome, seen, cure, link } = self.0;
        let outcome = match outcome {
            Outcome::Pass => "ok",
            Outcome::Note => "note",
            Outcome::CantTell => "unknown",
            Outcome::Fail => "failed",
        };
        writeln!(f, "{outcome:<8}{what}: {seen}")?;
        if let Some(cure) = cure {
            writeln!(f, "        → {cure}")?;
        }
        match link {
            Some(link) => writeln!(f, "          {}", link.href),
            None => Ok(()),
        }
    }
}

/// Tells how each part stands, one after the other. True when none has failed.
///
/// # Errors
/// Nothing can be told.
pub async fn examine(config: &Config, services: &Services, mut tell: impl io::Write) -> io::Result<bool> {
    let (mut asked, mut failed) = (0, 0);
    let mut part = |findings: Vec<Finding>| -> io::Result<()> {
        for finding in findings {
            asked += 1;
            failed += usize::from(finding.outcome == Outcome::Fail);
            write!(tell, "{}", Line(&finding))?;
        }
        tell.flush()
    };
    part(settings::examine(config, services))?;
    part(database::examine(services).await)?;
    part(provider::examine(config, services).await)?;
    let outside = readiness::examine(services, &Actor::System { on_behalf_of: None }).await.map_err(io::Error::other)?;
    for outside in outside {
        part(outside.findings)?;
    }
    match failed {
        0 => writeln!(tell, "All is well: {asked} lines, none failed.")?,
        _ => writeln!(tell, "{failed} of {asked} failed.")?,
    }
    Ok(failed == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_and_how_and_the_cure() {
        let finding = Finding::fail("a clock", "600 s apart", "Synchronise.");
        assert_eq!(Line(&finding).to_string(), "failed  a clock: 600 s apart\n        → Synchronise.\n");
        let linked = Finding::note("x", "y", "z").at("Open", "https://console.example".to_owned());
        assert!(Line(&linked).to_string().ends_with("→ z\n          https://console.example\n"));
        assert_eq!(Line(&Finding::not_asked("x", "y")).to_string(), "unknown x: y\n");
    }
}
