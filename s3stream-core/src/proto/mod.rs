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
//! | [`attributes`] | what an object is written with, and what of it is kept |
//! | [`completion`] | whether an object that was written is there |
//! | [`upload`] | the parts of an object that is sent, and what they make |
//! | [`payload`] | a request's body, and how it is signed |
//! | [`sign`] | Signature Version 4 |
//! | [`freshness`] | when keys that end are renewed |
//! | `sts` | calls of the Security Token Service |
//! | [`headers`] | names and values of a request or a reply |
//! | [`answer`] | a body that becomes a value |
//! | [`marks`] | what servers and proxies leave on a reply |
//! | [`response`] | what a reply says about an object, and what kind of failure it is |
//! | [`metadata`] | an object's metadata as fields of a head, both ways |
//! | [`details`] | what else a head says of an object: encryption, lock, tags, restore |
//! | [`xml`] | listings, buckets and errors |
//! | [`retry`] | whether and when to try again |
//! | [`outage`] | whether the endpoint answers at all, and how long it is waited for |
//! | [`throttle`] | the pace that a server asks for |
//! | [`concurrency`] | how many requests a stream keeps in flight |
//! | [`selection`] | what a listing is asked for |
//! | [`pages`] | a listing, from its first page to its proven end |
//! | [`merge`] | a page's entries in one order, each checked |
//! | [`ending`] | how the end of a listing is known |
//! | [`order`] | in which order a server lists, and what comes twice |
//! | [`buckets`] | the list of buckets, page by page |
//! | [`ranges`] | a listing in several ranges of keys at once, merged in order |
//! | [`shape`] | where the keys of the next pages may lie |
//! | [`fingerprint`] | what was listed, as one number that adds up over ranges |
//! | [`evidence`] | what else than its bytes speaks for or against a reply |
//! | [`window`] | a read, from its first byte to its proven end |
//! | [`parallel`] | over how many connections one object is read |
//! | [`parts`] | the part sizes of a multipart upload, learnt or guessed |
//! | [`checksum`] | digests, of a whole object and of its parts |
//! | [`proof`] | what a reply offers to prove an object by, and what comes of the bytes |
//! | `plan` | a bucket cut into shards, and cut again as it grows |
//! | [`name`] | keys as file names, both ways |

#![deny(clippy::disallowed_methods)]

pub(crate) mod answer;
pub(crate) mod attributes;
pub(crate) mod buckets;
pub(crate) mod checksum;
pub(crate) mod completion;
pub(crate) mod concurrency;
pub(crate) mod details;
pub(crate) mod encode;
pub(crate) mod ending;
pub(crate) mod endpoint;
pub(crate) mod evidence;
pub(crate) mod fingerprint;
pub(crate) mod freshness;
pub(crate) mod headers;
pub(crate) mod marks;
pub(crate) mod merge;
pub(crate) mod metadata;
pub mod name;
pub(crate) mod order;
pub(crate) mod outage;
pub(crate) mod pages;
pub(crate) mod parallel;
pub(crate) mod parts;
pub(crate) mod payload;
#[cfg(feature = "plan")]
pub(crate) mod plan;
pub(crate) mod proof;
pub(crate) mod ranges;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod selection;
pub(crate) mod service;
pub(crate) mod shape;
pub(crate) mod sign;
#[cfg(feature = "credentials")]
pub(crate) mod sts;
pub(crate) mod throttle;
pub(crate) mod upload;
pub(crate) mod window;
pub(crate) mod xml;
