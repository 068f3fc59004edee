//! The client against the embedded server: one file a behaviour.

#![allow(clippy::unwrap_used, missing_docs)]

mod blocking;
mod listing;
mod reading;
mod support;
