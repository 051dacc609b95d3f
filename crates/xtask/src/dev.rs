//! `cargo xtask dev`: the demo, rebuilt as files change.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::Result;

use crate::{
    process::{Stop, build_programs},
    say, site,
    stack::{self, Options, Ports, Stack},
};

const WATCHED: [&str; 5] = ["app", "crates", "server", "style", "migrations"];

pub(crate) fn run(port: u16, stop: &Stop) -> Result<()> {
    let ports = Ports::near(port);
    ports.check()?;
    stack::build(site::Profile::Dev)?;
    let mut stack = Stack::start(Options::new(stack::FOLDER, ports))?;
    say(&format!("Frontdesk is ready at {} and is rebuilt when a file changes", stack.url()));
    let mut seen = newest(&WATCHED);
    while !stop.is_asked() {
        thread::sleep(Duration::from_millis(300));
        stack.check()?;
        let now = newest(&WATCHED);
        if now <= seen {
            continue;
        }
        let started = Instant::now();
        let only_style = newest(&["app", "crates", "server", "migrations"]) <= seen;
        seen = now;
        match rebuild(only_style).and_then(|()| stack.start_frontdesk()) {
            Ok(()) => say(&format!("Rebuilt in {:.1} s", started.elapsed().as_secs_f64())),
            Err(error) => say(&format!("{error:#}\nThe running one stays; waiting for the next change.")),
        }
    }
    Ok(())
}

fn rebuild(only_style: bool) -> Result<()> {
    if only_style {
        return site::restyle(Path::new(site::SITE), site::Profile::Dev);
    }
    build_programs(&["--quiet"])?;
    site::build(Path::new(site::SITE), site::Profile::Dev)
}

/// When the youngest file was changed.
fn newest(folders: &[&str]) -> SystemTime {
    let files = folders.iter().flat_map(|folder| walkdir::WalkDir::new(folder).into_iter().flatten());
    files.filter_map(|entry| entry.metadata().ok()?.modified().ok()).max().unwrap_or(SystemTime::UNIX_EPOCH)
}
