//! `frontdesk`: serve, worker, migrate, doctor.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use backend::{Clock, Services};
use clap::{Parser, Subcommand};
use server::{config::Config, doctor, serve};
use tracing_subscriber::EnvFilter;

/// The front desk for Amazon WorkSpaces on AD Connector.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The configuration, TOML. Each setting can also come from the environment: FRONTDESK__DATABASE__URL.
    #[arg(long, global = true, env = "FRONTDESK_CONFIG", default_value = "frontdesk.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Command {
    /// Answers browsers, and works off jobs unless `worker = false`.
    Serve,
    /// Only works off jobs.
    Worker,
    /// Brings the database's schema up to date, as its owner.
    Migrate,
    /// Checks every connection and says what to do about those that fail.
    Doctor,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,graphile_worker=warn,sqlx=warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = Config::read(&arguments.config)?;
    match arguments.command {
        Command::Migrate => {
            let url = config.owner_url.as_ref().context("database.owner_url: is needed to migrate")?;
            backend::db::migrate(url).await?;
            tracing::info!("the schema is up to date");
        }
        Command::Serve => {
            let services = Services::open(config.settings.clone(), Clock::system()).await?;
            serve::serve(config, services).await?;
        }
        Command::Worker => {
            let services = Services::open(config.settings, Clock::system()).await?;
            backend::worker::run(services, serve::asked_to_stop()).await?;
        }
        Command::Doctor => {
            let services = Services::open(config.settings.clone(), Clock::system()).await?;
            return Ok(if doctor::examine(&config, &services).await { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}
