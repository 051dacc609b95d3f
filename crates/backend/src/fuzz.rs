//! What has to hold for any input, for the targets in `fuzz/` and for the tests, which run what those have found.

/// A list of people, as the bytes of a file.
pub fn list(bytes: &[u8]) {
    crate::launches::list::prove(bytes);
}

/// What somebody types to find people.
pub fn filter(typed: &str) {
    crate::ldap::prove_filter(typed);
}

/// Has the corpus of a target proven, as an ordinary test.
#[cfg(test)]
pub(crate) fn each_of_corpus(target: &str, prove: impl Fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() > 10, "the corpus of {target} is gone");
    for file in files {
        prove(&std::fs::read(file).unwrap());
    }
}
