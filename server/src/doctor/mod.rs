//! `frontdesk doctor`: asks every part, says how it stands, and what to do about what is not well.

mod aws;
mod database;
mod directory;
mod mail;
mod provider;
mod settings;

use std::{fmt, io};

use backend::Services;

use crate::config::Config;

/// How a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Well,
    /// It works, but somebody should know.
    Note,
    /// Asking would do something, or there is nothing to ask about.
    NotAsked,
    Failed,
}

/// One line of the report.
#[derive(Debug, Clone)]
struct Finding {
    part: String,
    verdict: Verdict,
    words: String,
    /// What to do.
    cure: Option<String>,
}

impl Finding {
    fn well(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), verdict: Verdict::Well, words: words.into(), cure: None }
    }

    fn not_asked(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { verdict: Verdict::NotAsked, ..Self::well(part, words) }
    }

    fn note(part: impl Into<String>, words: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, cure: Some(cure.into()), ..Self::well(part, words) }
    }

    fn failed(part: impl Into<String>, words: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, cure: Some(cure.into()), ..Self::well(part, words) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Well => "ok",
            Verdict::Note => "note",
            Verdict::NotAsked => "unknown",
            Verdict::Failed => "failed",
        };
        writeln!(f, "{verdict:<8}{}: {}", self.part, self.words)?;
        match &self.cure {
            Some(cure) => writeln!(f, "        → {cure}"),
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
            failed += usize::from(finding.verdict == Verdict::Failed);
            write!(tell, "{finding}")?;
        }
        tell.flush()
    };
    part(settings::examine(config, services))?;
    part(database::examine(services).await)?;
    part(directory::examine(services).await)?;
    part(provider::examine(config, services).await)?;
    part(aws::examine(services).await)?;
    part(mail::examine(services).await)?;
    match failed {
        0 => writeln!(tell, "All is well: {asked} lines, none failed.")?,
        _ => writeln!(tell, "{failed} of {asked} failed.")?,
    }
    Ok(failed == 0)
}

/// How far two clocks are apart, both in seconds since 1970.
fn skew(part: &str, theirs: i64, ours: i64) -> Finding {
    let apart = theirs.abs_diff(ours);
    let cure =
        "Synchronise the clocks (NTP). AWS refuses calls that are five minutes off, and sessions and links end by the clock.";
    let words = format!("{apart} s apart from this machine");
    match apart {
        0..=5 => Finding::well(part, "agrees with this machine"),
        6..=60 => Finding::note(part, words, cure),
        _ => Finding::failed(part, words, cure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_be_a_moment_apart() {
        assert_eq!(skew("a clock", 100, 97).verdict, Verdict::Well);
        assert_eq!(skew("a clock", 100, 140).verdict, Verdict::Note);
        let far = skew("a clock", 0, 600);
        assert_eq!(far.verdict, Verdict::Failed);
        assert!(far.to_string().starts_with("failed  a clock: 600 s apart from this machine\n        → Synchronise"), "{far}");
    }
}
