//! `frontdesk`: serve, worker, migrate, doctor.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use backend::{Clock, Services};
use clap::{Parser, Subcommand};
use server::{config::Config, doctor, log, serve, traces::Traces};

/// A page is put together from thousands of small pieces; glibc's allocator took a quarter of the time for that.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
    let arguments = Arguments::parse();
    let config = Config::read(&arguments.config).and_then(|config| {
        let traces = config.traces.as_ref().map(Traces::open).transpose()?;
        Ok((config, traces))
    });
    let (config, traces) = match config {
        Ok((config, traces)) => (config, traces),
        Err(error) => {
            log::start(None, None);
            tracing::error!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    log::start(Some(&config.log), traces.as_ref());
    let code = run(arguments.command, config).await.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::FAILURE
    });
    if let Some(traces) = traces {
        traces.end().await;
    }
    code
}

async fn run(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
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
            let services = Services::open(config.settings.clone(), Clock::system()).await?;
            serve::work(config, services).await?;
        }
        Command::Doctor => {
            let services = Services::open(config.settings.clone(), Clock::system()).await?;
            let well = doctor::examine(&config, &services, std::io::stdout()).await?;
            return Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}
