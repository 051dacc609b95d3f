//! The browser's files by their names, which tell their content. They are read once, when `serve` starts: files that are put in
//! their place later belong to another Frontdesk.

use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc};

use http::HeaderValue;
use leptos::{nonce::use_nonce, prelude::*};

use crate::chunks::Chunk;

/// What stands in `hash.txt` and in the list of chunks.
#[derive(Debug, Clone)]
pub struct Site(Arc<Names>);

#[derive(Debug)]
struct Names {
    style: String,
    script: String,
    wasm: String,
    /// The script that loads the chunks.
    loader: String,
    /// What announces the files of each chunk: the values of the header `Link`.
    chunks: BTreeMap<String, HeaderValue>,
}

impl Site {
    /// Reads the names out of the site's folder.
    ///
    /// # Errors
    /// A file is missing or broken.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let hashes = fs::read_to_string(folder.join("hash.txt"))?;
        let hash = |kind: &str| {
            let found = hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": "));
            found.ok_or_else(|| io::Error::other(format!("hash.txt names no {kind}")))
        };
        let (build, style) = (hash("js")?, hash("css")?);
        let list = folder.join(format!("pkg/__wasm_split_manifest.{build}.json"));
        let chunks: BTreeMap<String, Vec<String>> = serde_json::from_slice(&fs::read(list)?)?;
        let chunks = chunks.into_iter().map(|(chunk, files): (_, Vec<String>)| Ok((chunk, announcement(&files)?)));
        Ok(Self(Arc::new(Names {
            style: format!("/pkg/app.{style}.css"),
            script: format!("/pkg/app.{build}.js"),
            wasm: format!("/pkg/app.{build}.wasm"),
            loader: format!("/pkg/__wasm_split.{build}.js"),
            chunks: chunks.collect::<io::Result<_>>()?,
        })))
    }

    /// What has the browser load the code of the page at a path along with the main part: the header `Link`. `None` if
    /// the main part has it.
    pub fn announcement(&self, path: &str) -> Option<&HeaderValue> {
        self.0.chunks.get(Chunk::at(path)?.name())
    }
}

/// `Link: </pkg/…>; rel=preload; …` (RFC 8288), one value for all files.
fn announcement(files: &[String]) -> io::Result<HeaderValue> {
    let links =
        files.iter().map(|file| format!("</pkg/{file}.wasm>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin"));
    HeaderValue::try_from(links.collect::<Vec<_>>().join(", ")).map_err(io::Error::other)
}

/// The style, and what takes over the page once it is loaded.
#[component]
pub(crate) fn Files(site: Site) -> impl IntoView {
    let Names { style, script, wasm, loader, .. } = &*site.0;
    let start =
        format!("import start, {{ hydrate }} from {script:?}; await start({{ module_or_path: {wasm:?} }}); await hydrate();");
    view! {
        <link id="style" rel="stylesheet" href=style.clone() />
        <link rel="modulepreload" href=script.clone() />
        <link rel="modulepreload" href=loader.clone() />
        <link rel="preload" href=wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" nonce=use_nonce()>
            {start}
        </script>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_folder() {
        let folder = std::env::temp_dir().join(format!("frontdesk-site-{}", std::process::id()));
        fs::create_dir_all(folder.join("pkg")).unwrap();
        assert!(Site::read(&folder).is_err());
        fs::write(folder.join("hash.txt"), "js: abc\nwasm: abc\ncss: def\n").unwrap();
        fs::write(folder.join("pkg/__wasm_split_manifest.abc.json"), r#"{"people":["split_people.abc","chunk_1.abc"]}"#).unwrap();
        let site = Site::read(&folder).unwrap();
        assert_eq!((site.0.style.as_str(), site.0.wasm.as_str()), ("/pkg/app.def.css", "/pkg/app.abc.wasm"));
        let links = site.0.chunks["people"].to_str().unwrap();
        assert!(links.starts_with("</pkg/split_people.abc.wasm>; rel=preload; as=fetch;") && links.contains(", </pkg/chunk_1."));
        fs::remove_dir_all(folder).unwrap();
    }
}
