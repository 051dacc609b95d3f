//! The step `witness`: the product's adapters and the sandbox against programs that nobody here wrote. Both are ours, so the
//! two could agree on a mistake; these can't.

mod moto;
mod provider;
mod samba;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::{Counts, cargo_test};
use crate::{
    install,
    process::build_programs,
    queries, say,
    stack::{self, Options, Ports},
};
use moto::Moto;
use provider::Provider;
use samba::Samba;

/// Everything that the step keeps.
const FOLDER: &str = "target/witness";
/// The npm project: the tests of the sandbox, and the OpenID provider.
const NODE: &str = "witness";

pub(super) fn witness() -> Result<Counts> {
    install::node_modules(NODE)?;
    build_programs(&[])?;
    let logs = Path::new(FOLDER).join("logs");
    fs::create_dir_all(&logs)?;
    let product = product(&logs)?;
    Ok(product.and(sandbox(&logs)?))
}

/// The product's adapters against Samba, moto and the OpenID provider.
fn product(logs: &Path) -> Result<Counts> {
    let (postgres, _) = queries::scratch_postgres("witness")?;
    let folder = std::path::absolute(FOLDER)?;
    let (moto, provider) = (Moto::start(&folder, logs)?, Provider::start(NODE, logs)?);
    let samba = if samba::possible() { Some(Samba::start(&folder.join("samba"), logs)?) } else { None };
    let mut environment = vec![("WITNESS_MOTO", moto.url()), ("WITNESS_OIDC", provider.url())];
    let mut selection = vec!["--workspace", "--exclude", "xtask", "--test", "witness"];
    let mut skipped = Counts::default();
    if let Some(samba) = &samba {
        environment.extend(samba.environment());
    } else {
        say("skipped: a domain controller has ports of its own below 1024, which root alone may open");
        selection.extend(["--", "--skip", "samba::"]);
        skipped.skipped = 1;
    }
    Ok(cargo_test(&selection, &postgres, &environment)?.and(skipped))
}

/// The sandbox as the AWS SDK for JavaScript sees it.
fn sandbox(logs: &Path) -> Result<Counts> {
    let folder = PathBuf::from(FOLDER).join("sandbox");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let options = Options { pending_seconds: 0.0, ..Options::new(folder, Ports::free()?) };
    let _sandbox = stack::start_sandbox(&options, logs)?;
    let mut command = Command::new("node");
    command.args(["--no-warnings", "--test", "--test-reporter=tap", "sandbox/all.test.mjs"]).current_dir(NODE);
    let url = format!("http://127.0.0.1:{}", options.ports.sandbox);
    let output = command.env("SANDBOX_URL", url).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let counts = read_tap(&text).context("Node's test runner told no result")?;
    if !output.status.success() {
        say(&not_ok(&text));
        if counts.failed == 0 {
            bail!("node --test failed ({})", output.status);
        }
    }
    Ok(counts)
}

/// What is said of tests that failed.
fn not_ok(text: &str) -> String {
    let mut kept = false;
    let of_failures = |line: &&str| {
        let other = ["ok ", "# ", "1.."].iter().any(|start| line.starts_with(start));
        kept = line.starts_with("not ok ") || (kept && !other);
        kept
    };
    text.lines().filter(of_failures).collect::<Vec<_>>().join("\n")
}

/// The closing lines of Node's test runner: `# pass 30`, `# fail 0`, …
fn read_tap(text: &str) -> Option<Counts> {
    let number = |name: &str| text.lines().rev().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    Some(Counts {
        passed: number("# pass ")?,
        failed: number("# fail ")? + number("# cancelled ")?,
        skipped: number("# skipped ")? + number("# todo ")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_closing_lines_are_read() {
        let text =
            "ok 1 - one\n# tests 5\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n# duration_ms 9\n";
        let counts = read_tap(text).unwrap();
        assert_eq!((counts.passed, counts.failed, counts.skipped), (2, 2, 1));
        assert!(read_tap("# pass 2\n").is_none());
        let text = "ok 1 - one\n  ---\n  ...\nnot ok 2 - two\n  ---\n  error: 'why'\n# Subtest: three\nok 3 - three\n1..3\n";
        assert_eq!(not_ok(text), "not ok 2 - two\n  ---\n  error: 'why'");
    }
}
