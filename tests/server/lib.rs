//! The servers that s3stream is tested against; nothing of this is published.
//!
//! [`pattern`] makes the content of test objects, so that any byte of any
//! object is known without keeping a copy.

pub mod embedded;
pub mod fault;
mod host;
pub mod pattern;
pub mod synthetic;
mod tls;
