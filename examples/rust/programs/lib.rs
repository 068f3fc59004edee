//! The programs around the client: what they share, and a directory for each.
//!
//! | directory | what is in it |
//! |---|---|
//! | `cli` | the command line's common part: place, client, exit status, messages |
//! | `archive` | the tar file, and how a file gets its name |
//! | `account` | the account: manifest, report, messages |
//! | `show` | what a person sees meanwhile |
//! | `backup` | `s3stream-backup`: a bucket into a tar file |
//! | `restore` | `s3stream-restore`: a tar file and its manifest into a bucket |
//! | `verify` | `s3stream-verify`: a manifest against bucket and tar file |
//!
//! Memory is constant in each of them, however many objects there are and however large.

// A test that cannot go on says so best by a panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod archive;
pub mod backup;
mod cli;
pub mod restore;
mod show;
pub mod verify;

pub use cli::{Status, on_signal};
