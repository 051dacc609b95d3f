//! What has to be on the machine, installed when it is missing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{process::run, say};

/// Package managers, and how each is told to install without asking.
const MANAGERS: [(&str, &[&str]); 5] = [
    ("apt-get", &["install", "-y", "--no-install-recommends"]),
    ("dnf", &["install", "-y"]),
    ("apk", &["add"]),
    ("pacman", &["-S", "--noconfirm", "--needed"]),
    ("brew", &["install"]),
];

/// The wasm target of the toolchain.
pub(crate) fn wasm_target() -> Result<()> {
    let installed = Command::new("rustup").args(["target", "list", "--installed"]).output();
    match installed {
        Ok(list) if String::from_utf8_lossy(&list.stdout).contains("wasm32-unknown-unknown") => Ok(()),
        Ok(_) => {
            say("Installing the target wasm32-unknown-unknown …");
            run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
        }
        // Without rustup the distribution's Rust may still have it; the build tells.
        Err(_) => Ok(()),
    }
}

/// Node.js with npm.
pub(crate) fn node() -> Result<()> {
    if on_path("npm") { Ok(()) } else { packages("Node.js", &["nodejs", "npm"], &["nodejs", "npm"]) }
}

/// The modules that a folder's lockfile names.
pub(crate) fn node_modules(folder: &str) -> Result<()> {
    node()?;
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))
}

/// Installs packages named as the manager at hand names them.
pub(crate) fn packages(what: &str, debian: &[&str], others: &[&str]) -> Result<()> {
    let found = MANAGERS.iter().find(|(manager, _)| on_path(manager));
    let Some((manager, arguments)) = found else {
        bail!("{what} is missing, and this system's package manager is not known: please install {}", others.join(" "));
    };
    let names = if *manager == "apt-get" { debian } else { others };
    say(&format!("{what} is missing: installing {} with {manager} …", names.join(" ")));
    if *manager == "apt-get" {
        run(privileged(manager).args(["update", "-q"]))?;
    }
    run(privileged(manager).args(*arguments).args(names))
}

fn privileged(manager: &str) -> Command {
    if nix::unistd::geteuid().is_root() || manager == "brew" {
        Command::new(manager)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", manager]);
        sudo
    }
}

/// The library under which a program takes its time from a file; it is loaded before all others.
pub(crate) fn faketime() -> Result<PathBuf> {
    let find = || {
        let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from).into_iter();
        // Debian keeps libraries in a folder for the machine's kind.
        let inner = fs::read_dir("/usr/lib").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        folders.chain(inner).map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists())
    };
    if let Some(library) = find() {
        return Ok(library);
    }
    packages("libfaketime", &["libfaketime"], &["libfaketime"])?;
    find().context("libfaketime was installed, and is not where it was looked for")
}

pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file()))
}
