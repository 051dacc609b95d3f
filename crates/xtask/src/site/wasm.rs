//! The browser's wasm: compiled, cut into a main part and chunks, and bound to its script.
//!
//! What is cut out stands in `app/src/chunks/mod.rs`. Script and wasm name each other, so one hash of the whole build stands in
//! all their names; until it is known, [`HASH`] takes its place.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use walrus::{FunctionBuilder, FunctionKind, Module, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;

use super::Profile;
use crate::process::{cargo, run};

/// Stands for the hash of the build in names and contents, and is as long.
pub(super) const HASH: &str = "hash.of.the.site";

/// The files' names as Leptos knows them.
const MAIN: &str = "app";
const LOADER: &str = "__wasm_split";
const CHUNKS: &str = "__wasm_split_manifest";

/// Makes the folder's files; what did not change since the last time is not made again.
pub(super) fn build(profile: Profile) -> Result<()> {
    let (wasm, folder) = (compile(profile)?, folder(profile));
    let changed = |file: &Path| fs::metadata(file).and_then(|found| found.modified()).ok();
    if changed(&folder.join(manifest())) > changed(&wasm) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    cut(&wasm, &folder)
}

/// Where the files are before they get their names: all that is in it belongs to the site.
pub(super) fn folder(profile: Profile) -> PathBuf {
    Path::new("target/bindgen").join(if profile == Profile::Release { "release" } else { "dev" })
}

/// The file that says which chunks a cut needs.
pub(super) fn manifest() -> String {
    format!("{CHUNKS}.{HASH}.json")
}

fn compile(profile: Profile) -> Result<PathBuf> {
    let name = if profile == Profile::Release { "wasm-release" } else { "dev" };
    run(cargo()
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", browser_flags()?)
        .args(["rustc", "--quiet", "-p", "app", "--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", name, "--no-default-features", "--features", "hydrate"])
        // What refers to what: by that it is cut.
        .args(["--", "-Clink-args=--emit-relocs"]))?;
    let folder = if profile == Profile::Release { "wasm-release" } else { "debug" };
    Ok(Path::new("target/wasm32-unknown-unknown").join(folder).join("app.wasm"))
}

/// As `.cargo/config.toml` has them, and with short names in place of this machine's folders, which would stand in every
/// panic message. Between two flags is what no folder has in its name.
fn browser_flags() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut flags = "--cfg\u{1f}erase_components".to_owned();
    for (folder, short) in [(home.map(|home| home.join("registry/src")), "dep"), (Some(std::env::current_dir()?), "")] {
        if let Some(folder) = folder {
            flags.push_str(&format!("\u{1f}--remap-path-prefix={}={short}", folder.display()));
        }
    }
    Ok(flags)
}

/// Cuts the wasm and binds its main part. The manifest is written last: it says that the others are whole.
fn cut(wasm: &Path, folder: &Path) -> Result<()> {
    let (whole, main) = (fs::read(wasm)?, wasm.with_extension("main.wasm"));
    let (loader, script) = (format!("./{LOADER}.{HASH}.js"), format!("./{MAIN}.{HASH}.js"));
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.link_name = &loader;
    options.main_module = &script;
    let made = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("cutting the wasm: {error:#}"))?;
    let mut plain = ModuleConfig::new();
    plain.generate_name_section(false).generate_producers_section(false);
    for chunk in made.split_modules {
        let name = chunk.file_stem().context("a chunk without a name")?.to_string_lossy();
        fs::write(folder.join(format!("{name}.{HASH}.wasm")), slim(&mut plain.parse(&fs::read(&chunk)?)?))?;
        fs::remove_file(chunk)?;
    }
    let loader = folder.join(loader);
    fs::write(&loader, fs::read_to_string(&loader)?.replace(".wasm\"", &format!(".{HASH}.wasm\"")))?;
    bind(&main, folder)?;
    let named = |files: Vec<String>| files.into_iter().map(|file| format!("{file}.{HASH}")).collect::<Vec<_>>();
    let chunks: BTreeMap<_, _> = made.prefetch_map.into_iter().map(|(cut, files)| (cut, named(files))).collect();
    Ok(fs::write(folder.join(manifest()), serde_json::to_vec(&chunks)?)?)
}

/// Chunks find the main part's functions by their exports, which wasm-bindgen would drop.
fn bind(main: &Path, folder: &Path) -> Result<()> {
    let mut bound = Bindgen::new()
        .input_path(main)
        .web(true)?
        .omit_default_module_path(true)
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        .out_name(MAIN)
        .generate_output()
        .context("wasm-bindgen")?;
    fs::write(folder.join(format!("{MAIN}.{HASH}.js")), bound.js())?;
    Ok(fs::write(folder.join(format!("{MAIN}.{HASH}.wasm")), slim(bound.wasm_mut()))?)
}

/// What stands together in the names of functions that are never called: they hydrate a view of any type step by step, and we
/// hydrate at once. Leptos keeps them in its table of what a view can do, so the compiler can't know. Not every name with one
/// of these words is meant: of functions that turn out equal the compiler keeps one, whose name then tells half the truth.
const NEVER: [&str; 3] = ["any_view", "hydrate_async", "closure"];

/// The part as short as it can be: without what is never called, and without the names and notes that only people read.
fn slim(part: &mut Module) -> Vec<u8> {
    let never: Vec<_> = part
        .funcs
        .iter_local()
        .filter(|(id, _)| part.funcs.get(*id).name.as_ref().is_some_and(|name| NEVER.iter().all(|never| name.contains(never))))
        .map(|(id, function)| (id, function.ty(), function.args.clone()))
        .collect();
    for (id, kind, args) in never {
        let (params, results) = (part.types.get(kind).params().to_vec(), part.types.get(kind).results().to_vec());
        let mut empty = FunctionBuilder::new(&mut part.types, &params, &results);
        empty.func_body().unreachable();
        part.funcs.get_mut(id).kind = FunctionKind::Local(empty.local_func(args));
    }
    walrus::passes::gc::run(part);
    let notes: Vec<_> = part.customs.iter().map(|(id, _)| id).collect();
    for note in notes {
        part.customs.delete(note);
    }
    part.emit_wasm()
}
