//! The client against the embedded server: one file a behaviour.

#![allow(clippy::unwrap_used, missing_docs)]

mod blocking;
mod cancelling;
mod copying;
mod distant;
mod kept;
mod listing;
mod network;
mod outages;
mod places;
mod proof;
mod putting;
mod ranges;
mod reading;
mod removing;
mod silent;
mod sinking;
mod streaming;
mod support;
mod trips;
mod unreadable;
mod watching;
mod weather;
mod writing;
