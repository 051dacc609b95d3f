//! The step `witness`: the product's adapters against programs that nobody here wrote. Product and sandbox are both ours, so
//! the two could agree on a mistake; these can't.

mod moto;
mod samba;

use std::{fs, path::Path};

use anyhow::Result;

use super::{Counts, cargo_test};
use crate::{queries, say};
use moto::Moto;
use samba::Samba;

/// Everything that the step keeps.
const FOLDER: &str = "target/witness";

pub(super) fn witness() -> Result<Counts> {
    let logs = Path::new(FOLDER).join("logs");
    fs::create_dir_all(&logs)?;
    let (postgres, _) = queries::scratch_postgres("witness")?;
    let folder = std::path::absolute(FOLDER)?;
    let moto = Moto::start(&folder, &logs)?;
    let samba = if samba::possible() { Some(Samba::start(&folder.join("samba"), &logs)?) } else { None };
    let mut environment = vec![("WITNESS_MOTO", moto.url())];
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
