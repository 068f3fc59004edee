//! The C interface of s3stream; what C sees of it is `include/s3stream.h`.
//!
//! The header is made from these sources by cbindgen, comments included, so a comment on
//! anything that is exported speaks to an author of C. The rules that hold for every function
//! (ownership, threads, NULL, errors) are said once, at the top of the header; they stand in
//! `cbindgen.toml`.
//!
//! | to change | look at |
//! |---|---|
//! | how an error gets to C | `error`, `status` |
//! | what happens on a panic, or when two threads use one handle | `guard` |
//! | how an argument is checked | `pointer` |
//! | a handle and its functions | the module of its name |
//!
//! Only [`s3stream_core::blocking`] and the core's nouns are used here.

// The contract of a pointer is the same for every function: it is said once, in the header.
#![allow(clippy::missing_safety_doc)]

mod guard;
mod pointer;

// In the order of the header.
mod status;
mod text;

mod error;

mod config;

mod client;

mod object;

mod details;

mod rights;

mod list;

mod reader;

mod verdict;

mod stream;

mod stats;

mod name;

pub use client::*;
pub use config::*;
pub use details::*;
pub use error::*;
pub use list::*;
pub use name::*;
pub use object::*;
pub use reader::*;
pub use rights::*;
pub use stats::*;
pub use status::*;
pub use stream::*;
pub use text::*;
pub use verdict::*;
