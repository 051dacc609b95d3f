//! Sign-in with an OpenID provider that nobody here wrote. `cargo xtask test --only witness` starts it and says where it is; the
//! step `cargo` leaves this target out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

#[expect(dead_code, reason = "the other half is for the tests beside")]
#[path = "../it/browser.rs"]
mod browser;
#[expect(dead_code, reason = "the other half is for the tests beside")]
#[path = "../it/house.rs"]
mod house;
mod provider;
mod sign_in;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
