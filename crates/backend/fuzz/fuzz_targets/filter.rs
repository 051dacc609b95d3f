//! What somebody types into the search for people.
#![no_main]

libfuzzer_sys::fuzz_target!(|typed: &str| backend::fuzz::filter(typed));
