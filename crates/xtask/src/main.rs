//! `cargo xtask`: everything one needs to work on Frontdesk. It installs what is missing and needs nothing set up before.

mod bench;
mod chaos;
mod demo;
mod dev;
mod helpdesk;
mod install;
mod postgres;
mod process;
mod queries;
mod site;
mod stack;
mod test;
mod visitor;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Parser, Subcommand, builder::RangedI64ValueParser};

/// Ports that everybody may open.
fn ports() -> RangedI64ValueParser<u16> {
    RangedI64ValueParser::new().range(1_024..)
}

/// Work on Frontdesk.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts Frontdesk with a private PostgreSQL and the sandbox of AWS and Active Directory.
    Demo(demo::Wanted),
    /// Everything that proves the project. Ends with `N passed, N failed, N skipped`.
    Test {
        /// Only these steps: fmt, clippy, tree, queries, cargo, witness, site, browser, demo, chaos.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Speed, size and memory of the release build, each with its limit.
    Bench,
    /// Launches of 200 people under mixed faults while one of two `serve` processes is killed again and again.
    Chaos {
        #[arg(long, default_value_t = 40)]
        kills: u32,
        /// The moments, the victims and the faults are made from this number.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Release files under target/dist.
    Build,
    /// Starts the demo and rebuilds what changes.
    Dev {
        #[arg(long, default_value_t = stack::PORT, value_parser = ports())]
        port: u16,
    },
    /// Checks all queries against the schema and writes .sqlx.
    Sqlx,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let stop = process::Stop::listen()?;
    std::env::set_current_dir(root())?;
    match Arguments::parse().command {
        Command::Demo(wanted) => demo::run(wanted, &stop),
        Command::Test { only } => test::run(&only, &stop),
        Command::Bench => bench::run(&stop),
        Command::Chaos { kills, seed } => chaos::run(kills, seed, &stop).map(|report| say(&report)),
        Command::Build => site::dist(),
        Command::Dev { port } => dev::run(port, &stop),
        Command::Sqlx => queries::prepare(Path::new(".sqlx")),
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Says what is being done. When the terminal is gone nobody hears it, and that is no reason to fail while stopping.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
