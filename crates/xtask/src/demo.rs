//! `cargo xtask demo`.

use std::{fs, path::PathBuf, thread, time::Duration};

use anyhow::Result;
use clap::Args;

use crate::{
    ports, postgres,
    process::Stop,
    say, site,
    stack::{self, Options, Ports, Stack},
};

/// Prices that are marked as made up: only the demo has them.
const EXAMPLE_PRICES: &str = include_str!("demo/example-prices.sql");

/// How somebody wants the demo.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// Frontdesk's port; the others move with it.
    #[arg(long, default_value_t = stack::PORT, value_parser = ports())]
    port: u16,
    /// Forgets everything that earlier demos kept.
    #[arg(long)]
    fresh: bool,
    /// Frontdesk goes by the sandbox's clock, which `/_sandbox/clock` moves on; needs libfaketime.
    #[arg(long)]
    clock: bool,
    /// What it keeps is here. `cargo xtask test` has another, so that yours stays as it is.
    #[arg(long, default_value = stack::FOLDER, hide = true)]
    folder: PathBuf,
}

/// Starts everything and waits for Ctrl-C. The wasm is the small one: it takes longer to compile once, and every page after
/// that loads as it does in production.
pub(crate) fn run(wanted: Wanted, stop: &Stop) -> Result<()> {
    let Wanted { port, fresh, clock, folder } = wanted;
    let ports = Ports::near(port);
    ports.check()?;
    if fresh && folder.exists() {
        postgres::forget(&folder.join("postgres"))?;
        fs::remove_dir_all(&folder)?;
    }
    say("Building (the first time takes some minutes) …");
    let built = stack::build(site::Profile::Release);
    // Ctrl-C reaches the compiler as well, which then fails.
    if stop.is_asked() {
        return Ok(());
    }
    built?;
    let mut stack = Stack::start(Options { moves_time: clock, ..Options::new(folder, ports) })?;
    stack.postgres.sql.execute("frontdesk", EXAMPLE_PRICES)?;
    say(&format!(
        "\nFrontdesk is ready at {url}\n\n  Sign in as   hkeller   Helena Keller, helpdesk: launches and invites\n               amoreau   Adèle Moreau, administrator: directories, offerings, prices\n               \
         tokafor   Tobi Okafor, auditor\n               mgarcia   Mateo García, manager: asks for desktops\n               \
         plindqvist  Pia Lindqvist, approver\n               jsmith    Jordan Smith, no role at all\n  Find people  nordwind  33 people of Logistics; three of them can't get a desktop\n  \
         Mail lands   {sandbox}/_sandbox/inbox\n  Break things {sandbox}/_sandbox/faults\n\n  Ctrl-C stops everything; what you did is kept. `--fresh` starts over.",
        url = stack.url(),
        sandbox = stack.sandbox_url(),
    ));
    while !stop.is_asked() {
        stack.check()?;
        thread::sleep(Duration::from_millis(200));
    }
    say("\nStopping …");
    Ok(())
}
