//! The S3 protocol as plain functions and small state machines.
//!
//! Nothing in here has a clock, a socket, an environment, randomness, a log or
//! an `async`: time, jitter and bytes are passed in. That is what lets every rule be
//! tested with a table. `tests/rust/layers.rs` and clippy's
//! `disallowed-methods` keep it so.
//!
//! A request goes down the list, its reply comes back up:
//!
//! | module | job |
//! |---|---|
//! | [`endpoint`] | URLs of servers |
//! | [`service`] | which service it is, how buckets are addressed there, where a reply may lead |
//! | [`encode`] | percent-encoding, the one for signing and for sending |
//! | [`request`] | an S3 call as method, path, query and headers |
//! | [`sign`] | Signature Version 4 |
//! | [`headers`] | names and values of a request or a reply |
//! | [`response`] | what a reply says about an object, and what kind of failure it is |
//! | [`xml`] | listings, buckets and errors |
//! | [`retry`] | whether and when to try again |
//! | [`throttle`] | the pace that a server asks for |
//! | [`concurrency`] | how many requests a stream keeps in flight |
//! | [`pages`] | a listing, from its first page to its proven end |
//! | [`ranges`] | a listing in several ranges of keys at once, merged in order |
//! | [`shape`] | where the keys of the next pages may lie |
//! | [`window`] | a read, from its first byte to its proven end |
//! | [`parallel`] | over how many connections one object is read |
//! | [`parts`] | the part sizes of a multipart upload, learnt or guessed |
//! | [`checksum`] | digests, and which one proves an object |
//! | [`name`] | keys as file names, both ways |

#![deny(clippy::disallowed_methods)]

pub(crate) mod checksum;
pub(crate) mod concurrency;
pub(crate) mod encode;
pub(crate) mod endpoint;
pub(crate) mod headers;
pub mod name;
pub(crate) mod pages;
pub(crate) mod parallel;
pub(crate) mod parts;
pub(crate) mod ranges;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod service;
pub(crate) mod shape;
pub(crate) mod sign;
pub(crate) mod throttle;
pub(crate) mod window;
pub(crate) mod xml;
