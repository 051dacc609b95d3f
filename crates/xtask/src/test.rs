//! `cargo xtask test`: all steps run, even when an early one fails, and every test is counted.

mod demo;
mod witness;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    chaos, install,
    postgres::{self, Postgres},
    process::{Stop, cargo, run as run_command},
    queries, say, site,
    stack::{self, Options, Ports, Stack},
};

/// The first load of the staff page that loads most, wasm + script + style as brotli, in bytes.
const FIRST_LOAD_LIMIT: u64 = 300 * 1024;

/// What the steps have shown so far.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    fn and(self, more: Self) -> Self {
        Self { passed: self.passed + more.passed, failed: self.failed + more.failed, skipped: self.skipped + more.skipped }
    }
}

type Step = (&'static str, fn(&Stop) -> Result<Counts>);

const STEPS: [Step; 10] = [
    ("fmt", |_| fmt()),
    ("clippy", |_| clippy()),
    ("tree", |_| tree()),
    ("queries", |_| checked_queries()),
    ("cargo", |_| cargo_tests()),
    ("witness", |_| witness::witness()),
    ("site", |_| site_size()),
    ("browser", |_| browser()),
    ("demo", |_| demo::demo()),
    ("chaos", killed),
];

/// How often the step `chaos` kills, and the number from which it is made.
const KILLS: (u32, u64) = (40, 1);

const ONE: Counts = Counts { passed: 1, failed: 0, skipped: 0 };

/// Runs the steps and prints the closing line.
pub(crate) fn run(only: &[String], stop: &Stop) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|(known, _)| known == name)) {
        bail!("there is no step {unknown}");
    }
    let mut total = Counts::default();
    for (name, step) in STEPS.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|wanted| wanted == name)) {
        if stop.is_asked() {
            bail!("stopped");
        }
        say(&format!("── {name}"));
        let started = Instant::now();
        let counts = step(stop).unwrap_or_else(|error| {
            say(&format!("{error:#}"));
            Counts { failed: 1, ..Counts::default() }
        });
        total = total.and(counts);
        say(&format!(
            "── {name}: {} passed, {} failed in {:.0} s",
            counts.passed,
            counts.failed,
            started.elapsed().as_secs_f64()
        ));
    }
    say(&format!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped));
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    if total.failed > 0 || (strict && total.skipped > 0) { std::process::exit(1) } else { Ok(()) }
}

fn fmt() -> Result<Counts> {
    run_command(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(ONE)
}

fn clippy() -> Result<Counts> {
    install::wasm_target()?;
    // The witnesses are no part of `--all-targets`: see their manifests.
    let members = &["--workspace", "--exclude", "xtask"][..];
    for (packages, target) in
        [(members, &["--all-targets"][..]), (members, &["--test", "witness"]), (&["-p", "xtask"], &["--all-targets"])]
    {
        run_command(cargo().args(["clippy", "--quiet"]).args(packages).args(target).args(["--", "-D", "warnings"]))?;
    }
    run_command(cargo().args(["clippy", "--quiet", "-p", "app", "--target", "wasm32-unknown-unknown"]).args([
        "--no-default-features",
        "--features",
        "hydrate",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Counts { passed: 4, ..ONE })
}

/// The browser's half pulls in no server crate, and the product no sandbox.
fn tree() -> Result<Counts> {
    let list = |arguments: &[&str]| -> Result<Vec<String>> {
        let output =
            cargo().args(["tree", "--prefix", "none", "--edges", "normal", "--format", "{p}"]).args(arguments).output()?;
        if !output.status.success() {
            bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| line.split(' ').next())
            .map(ToOwned::to_owned)
            .collect())
    };
    let browser = list(&["-p", "app", "--target", "wasm32-unknown-unknown", "--no-default-features", "--features", "hydrate"])?;
    if let Some(wrong) =
        browser.iter().find(|name| matches!(name.as_str(), "tokio" | "sqlx" | "backend" | "ldap3") || name.starts_with("aws-"))
    {
        bail!("the browser's half depends on {wrong}");
    }
    if list(&["-p", "server"])?.iter().any(|name| name == "sandbox") {
        bail!("the product depends on the sandbox");
    }
    Ok(Counts { passed: 2, ..ONE })
}

fn checked_queries() -> Result<Counts> {
    queries::verify()?;
    Ok(ONE)
}

/// Unit, database and wire tests, with a PostgreSQL of their own. The xtask's apart: together with it the others would be
/// compiled anew, with the features that its dependencies want.
fn cargo_tests() -> Result<Counts> {
    let (postgres, _) = queries::scratch_postgres("tests")?;
    let others = cargo_test(&["--workspace", "--exclude", "xtask"], &postgres, &[])?;
    let ours = cargo_test(&["-p", "xtask"], &postgres, &[])?;
    Ok(others.and(ours))
}

fn cargo_test(selection: &[&str], postgres: &Postgres, environment: &[(&str, String)]) -> Result<Counts> {
    let output = cargo()
        .args(["test", "--no-fail-fast"])
        .args(selection)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("DATABASE_URL", postgres.url("postgres", "postgres"))
        .stderr(Stdio::inherit())
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let counts = read_cargo(&text);
    if !output.status.success() {
        say(&failures(&text));
        if counts.failed == 0 {
            bail!("cargo test failed ({})", output.status);
        }
    }
    Ok(counts)
}

/// Adds up lines like `test result: ok. 23 passed; 0 failed; 0 ignored; …`.
fn read_cargo(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        for part in line.split([';', '.']) {
            let mut words = part.split_whitespace();
            if let (Some(Ok(count)), Some(kind)) = (words.next().map(str::parse::<u64>), words.next()) {
                match kind {
                    "passed" => counts.passed += count,
                    "failed" => counts.failed += count,
                    "ignored" => counts.skipped += count,
                    _ => {}
                }
            }
        }
    }
    counts
}

/// The output of failed tests, without the lines of those that passed.
fn failures(text: &str) -> String {
    text.lines().filter(|line| !line.ends_with("... ok") && !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

fn site_size() -> Result<Counts> {
    site::build(Path::new(site::SITE), site::Profile::Release)?;
    let load = site::first_load(Path::new(site::SITE))?;
    say(&format!("first load: {load}; at most {FIRST_LOAD_LIMIT}"));
    if load.bytes() > FIRST_LOAD_LIMIT {
        bail!("the first load is too large");
    }
    Ok(ONE)
}

/// Launches under faults and kills.
fn killed(stop: &Stop) -> Result<Counts> {
    let (kills, seed) = KILLS;
    say(&chaos::run(kills, seed, stop)?);
    Ok(ONE)
}

/// Journeys in a real browser against the whole stack.
fn browser() -> Result<Counts> {
    if !Path::new("/usr/bin/chromium").exists() && std::env::var_os("CHROMIUM").is_none() {
        install::packages("Chromium", &["chromium", "fonts-dejavu-core"], &["chromium"])?;
    }
    install::node_modules("end2end")?;
    stack::build(site::Profile::Release)?;
    // Journeys over days have a Frontdesk of their own: what they do to the time is not for the others.
    Ok(journeys("target/browser", false)?.and(journeys("target/browser-days", true)?))
}

/// The journeys that leave the time as it is, or those that move it on, against a stack in that folder.
fn journeys(folder: &str, moves_time: bool) -> Result<Counts> {
    let folder = PathBuf::from(folder);
    if folder.exists() {
        postgres::forget(&folder.join("postgres"))?;
        fs::remove_dir_all(&folder)?;
    }
    let stack = Stack::start(Options { pending_seconds: 2.0, moves_time, ..Options::new(&folder, Ports::free()?) })?;
    let report = std::path::absolute(folder.join("report.json"))?;
    let status = Command::new("npx")
        .args(["playwright", "test", if moves_time { "--grep" } else { "--grep-invert" }, "@days"])
        .current_dir("end2end")
        .envs([("FRONTDESK_URL", stack.url()), ("SANDBOX_URL", stack.sandbox_url())])
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report)
        .stdin(Stdio::null())
        .status()?;
    let report: Value = serde_json::from_slice(&fs::read(&report).context("Playwright wrote no report")?)?;
    let count = |name: &str| report.pointer(&format!("/stats/{name}")).and_then(Value::as_u64).unwrap_or(0);
    let counts = Counts { passed: count("expected"), failed: count("unexpected") + count("flaky"), skipped: count("skipped") };
    if !status.success() && counts.failed == 0 {
        bail!("Playwright failed ({status})");
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_added_up() {
        let text = "test result: ok. 23 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let counts = read_cargo(text);
        assert_eq!((counts.passed, counts.failed, counts.skipped), (25, 3, 1));
    }
}
