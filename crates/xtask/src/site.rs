//! The browser's files: wasm, script and style, named by their hash and compressed beforehand; and the release folder.

mod wasm;

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
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

use crate::{install, process::build_programs, say};

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
    wasm::build(profile)?;
    write(site, profile)
}

/// The style alone, after a change of it.
pub(crate) fn restyle(site: &Path, profile: Profile) -> Result<()> {
    write(site, profile)
}

/// All files under their names. The build's hash is that of everything in it but the style, which changes by itself.
fn write(site: &Path, profile: Profile) -> Result<()> {
    let package = site.join("pkg");
    fs::create_dir_all(&package)?;
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(wasm::folder(profile))? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    let mut build = Sha256::new();
    for (name, content) in &files {
        build.update(name);
        build.update(content);
    }
    let (hash, css) = (short(build), style()?);
    let style = short(Sha256::new_with_prefix(&css));
    let name = format!("app.{style}.css");
    publish(&package.join(&name), &css, profile)?;
    let mut names = vec![name];
    for (name, content) in files {
        let name = name.replace(wasm::HASH, &hash);
        publish(&package.join(&name), &named(&content, &hash), profile)?;
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
    let hashes = ["js", "wasm", "split", "manifest"].map(|kind| format!("{kind}: {hash}\n")).concat();
    fs::write(site.join("hash.txt"), format!("{hashes}css: {style}\n"))?;
    Ok(())
}

fn short(hash: Sha256) -> String {
    hex::encode(hash.finalize()).chars().take(wasm::HASH.len()).collect()
}

/// The content with the build's hash where its place was kept: in script, and in the names by which wasm asks for script.
fn named(content: &[u8], hash: &str) -> Vec<u8> {
    let (kept, mut rest, mut named) = (wasm::HASH.as_bytes(), content, Vec::with_capacity(content.len()));
    while let Some((before, after)) =
        rest.windows(kept.len()).position(|bytes| bytes == kept).and_then(|at| rest.split_at_checked(at))
    {
        named.extend_from_slice(before);
        named.extend_from_slice(hash.as_bytes());
        rest = after.strip_prefix(kept).unwrap_or_default();
    }
    named.extend_from_slice(rest);
    named
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

/// Bytes that a staff page loads at first, as brotli.
pub(crate) struct FirstLoad {
    /// What every page loads: script, style and the main part of the wasm.
    main: u64,
    /// What the pages of each chunk load besides.
    chunks: BTreeMap<String, u64>,
}

impl FirstLoad {
    /// On the pages that load most.
    pub(crate) fn bytes(&self) -> u64 {
        self.main + self.chunks.values().max().unwrap_or(&0)
    }
}

impl Display for FirstLoad {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{} bytes as brotli: {} on every page", self.bytes(), self.main)?;
        self.chunks.iter().try_for_each(|(chunk, bytes)| write!(out, ", {chunk} {bytes}"))
    }
}

/// Adds up what a page loads at first.
pub(crate) fn first_load(site: &Path) -> Result<FirstLoad> {
    let hashes = fs::read_to_string(site.join("hash.txt"))?;
    let hash =
        |kind: &str| hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": ")).context("hash.txt is broken");
    let (build, style) = (hash("js")?, hash("css")?);
    let package = site.join("pkg");
    let size = |file: String| Ok(fs::metadata(package.join(format!("{file}.br"))).with_context(|| file)?.len());
    let mut main = size(format!("app.{style}.css"))?;
    for name in ["app.HASH.js", "app.HASH.wasm", "__wasm_split.HASH.js"] {
        main += size(name.replace("HASH", build))?;
    }
    let manifest = fs::read(package.join(wasm::manifest().replace(wasm::HASH, build)))?;
    let manifest: BTreeMap<String, Vec<String>> = serde_json::from_slice(&manifest)?;
    let chunks = manifest
        .into_iter()
        .map(|(chunk, files)| Ok((chunk, files.into_iter().map(|file| size(format!("{file}.wasm"))).sum::<Result<u64>>()?)));
    Ok(FirstLoad { main, chunks: chunks.collect::<Result<_>>()? })
}

/// `cargo xtask build`: everything an installation needs, under target/dist.
pub(crate) fn dist() -> Result<()> {
    let dist = Path::new("target/dist");
    fs::create_dir_all(dist)?;
    build(&dist.join("site"), Profile::Release)?;
    build_programs(&["--release"])?;
    for program in ["frontdesk", "frontdesk-sandbox"] {
        fs::copy(Path::new("target/release").join(program), dist.join(program))?;
    }
    say(&format!("Built target/dist: frontdesk, frontdesk-sandbox and site (first load: {})", first_load(&dist.join("site"))?));
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
    fn the_hash_takes_the_place_that_was_kept_for_it() {
        let content = format!("a {0}.js, {0}{0} z", wasm::HASH).into_bytes();
        assert_eq!(named(&content, "0123456789abcdef"), b"a 0123456789abcdef.js, 0123456789abcdef0123456789abcdef z");
        assert_eq!(wasm::HASH.len(), 16);
    }

    #[test]
    fn the_heaviest_page_counts() {
        let load = FirstLoad { main: 200, chunks: [("people".to_owned(), 20), ("wizard".to_owned(), 30)].into() };
        assert_eq!(load.bytes(), 230);
        assert_eq!(load.to_string(), "230 bytes as brotli: 200 on every page, people 20, wizard 30");
    }

    #[test]
    fn a_failure_leaves_no_file() {
        let path = std::env::temp_dir().join(format!("frontdesk-failed-{}", std::process::id()));
        assert!(keep(&path, || Err(anyhow!("no"))).is_err() && !path.exists());
    }
}
