//! The browser's files: wasm, script and style, named by their hash and compressed beforehand; and the release folder.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
    targets::{Browsers, Targets},
};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    install,
    process::{cargo, run},
    say,
};

/// How the wasm is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Small: for people and for measuring.
    Release,
    /// Quick to rebuild.
    Dev,
}

/// Where the demo and the tests find it.
pub(crate) const SITE: &str = "target/site";

/// Builds the whole site. What did not change since the last time is not made again.
pub(crate) fn build(site: &Path, profile: Profile) -> Result<()> {
    install::wasm_target()?;
    let wasm = compile(profile)?;
    let bound = Path::new("target/bindgen").join(if profile == Profile::Release { "release" } else { "dev" });
    bind(&wasm, &bound)?;
    write(site, &bound, profile)
}

/// The style alone, after a change of it.
pub(crate) fn restyle(site: &Path, profile: Profile) -> Result<()> {
    let bound = Path::new("target/bindgen").join(if profile == Profile::Release { "release" } else { "dev" });
    write(site, &bound, profile)
}

fn compile(profile: Profile) -> Result<PathBuf> {
    let name = if profile == Profile::Release { "wasm-release" } else { "dev" };
    run(cargo()
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", browser_flags()?)
        .args(["rustc", "--quiet", "-p", "app", "--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", name, "--no-default-features", "--features", "hydrate"]))?;
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

fn bind(wasm: &Path, bound: &Path) -> Result<()> {
    let made = bound.join("app_bg.wasm");
    let newer = |file: &Path| fs::metadata(file).and_then(|found| found.modified()).ok();
    if newer(&made) > newer(wasm) {
        return Ok(());
    }
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        .out_name("app")
        .generate(bound)
        .context("wasm-bindgen")
}

fn write(site: &Path, bound: &Path, profile: Profile) -> Result<()> {
    let package = site.join("pkg");
    fs::create_dir_all(&package)?;
    let files = [("js", fs::read(bound.join("app.js"))?), ("wasm", fs::read(bound.join("app_bg.wasm"))?), ("css", style()?)];
    let (mut hashes, mut names) = (String::new(), Vec::new());
    for (kind, content) in files {
        let hash: String = hex::encode(Sha256::digest(&content)).chars().take(16).collect();
        hashes.push_str(&format!("{kind}: {hash}\n"));
        let name = format!("app.{hash}.{kind}");
        publish(&package.join(&name), &content, profile)?;
        names.push(name);
    }
    for entry in fs::read_dir(&package)? {
        let entry = entry?;
        let name = entry.file_name();
        if !names.iter().any(|known| name.to_string_lossy().starts_with(known)) {
            fs::remove_file(entry.path())?;
        }
    }
    for entry in walkdir::WalkDir::new("app/public").min_depth(1) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let to = site.join(entry.path().strip_prefix("app/public")?);
            fs::create_dir_all(to.parent().context("a file without a folder")?)?;
            fs::copy(entry.path(), to)?;
        }
    }
    fs::write(site.join("hash.txt"), hashes)?;
    Ok(())
}

/// The file and, for people, its compressed forms.
fn publish(path: &Path, content: &[u8], profile: Profile) -> Result<()> {
    keep(path, || Ok(content.to_vec()))?;
    if profile == Profile::Dev {
        return Ok(());
    }
    let beside = |ending: &str| PathBuf::from(format!("{}.{ending}", path.display()));
    keep(&beside("br"), || brotli(content))?;
    keep(&beside("gz"), || {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(content)?;
        Ok(gzip.finish()?)
    })
}

/// Makes a file whose name tells its content, unless it is there: compressing takes longer than all the rest of a start. It
/// gets its name when it is whole.
fn keep(path: &Path, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let name = path.file_name().context("a file without a name")?.to_string_lossy();
    let half = path.with_file_name(format!(".{name}"));
    fs::write(&half, make()?)?;
    Ok(fs::rename(half, path)?)
}

pub(crate) fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 22);
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}

/// All style files in one, minified for browsers of the last years.
fn style() -> Result<Vec<u8>> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(Path::new("style/main.css")).map_err(|error| anyhow!("style: {error}"))?;
    let browsers = Browsers { chrome: Some(120 << 16), firefox: Some(121 << 16), safari: Some(17 << 16), ..Browsers::default() };
    let targets = Targets::from(browsers);
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).map_err(|error| anyhow!("style: {error}"))?;
    let printed = sheet.to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() });
    Ok(printed.map_err(|error| anyhow!("style: {error}"))?.code.into_bytes())
}

/// Bytes of the first load of a staff page: wasm, script and style as brotli.
pub(crate) fn first_load(site: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(site.join("pkg"))? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|ending| ending == "br") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

/// `cargo xtask build`: everything an installation needs, under target/dist.
pub(crate) fn dist() -> Result<()> {
    let dist = Path::new("target/dist");
    fs::create_dir_all(dist)?;
    build(&dist.join("site"), Profile::Release)?;
    run(cargo().args(["build", "--release", "--workspace", "--exclude", "xtask", "--bins"]))?;
    for program in ["frontdesk", "frontdesk-sandbox"] {
        fs::copy(Path::new("target/release").join(program), dist.join(program))?;
    }
    say(&format!(
        "Built target/dist: frontdesk, frontdesk-sandbox and site ({} KB on first load)",
        first_load(&dist.join("site"))? / 1024
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_once() {
        let path = std::env::temp_dir().join(format!("frontdesk-keep-{}", std::process::id()));
        keep(&path, || Ok(b"first".to_vec())).unwrap();
        keep(&path, || Ok(b"second".to_vec())).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_failure_leaves_no_file() {
        let path = std::env::temp_dir().join(format!("frontdesk-failed-{}", std::process::id()));
        assert!(keep(&path, || Err(anyhow!("no"))).is_err() && !path.exists());
    }
}
