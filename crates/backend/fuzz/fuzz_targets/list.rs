//! A list of people as an uploaded file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| backend::fuzz::list(bytes));
