//! The adapters against programs that nobody here wrote: Samba as Active Directory, moto as AWS. `cargo xtask test --only
//! witness` starts them and says where they are; the step `cargo` leaves this target out.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

#[expect(dead_code, unused_imports, reason = "the other half is for the tests beside")]
#[path = "../it/house/mod.rs"]
mod house;
mod moto;
mod samba;
#[expect(dead_code, reason = "the other half is for the tests beside")]
#[path = "../it/tap.rs"]
mod tap;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Where something is that the step has started.
fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this by `cargo xtask test --only witness`"))
}
