//! Doors for `tests/bench/micro.rs` and the fault campaign; only there with the feature
//! `internals`.
//!
//! Nothing in here is public: it may change with any commit.

use crate::client::Client;
use crate::credentials::Credentials;
use crate::object::Algorithm;
use crate::proto::checksum::Digest;
use crate::proto::headers::Headers;
use crate::proto::pages::{Accepted, Pages, Selection};
use crate::proto::sign::{self, SigningKey, Unsigned};
use crate::proto::xml::PageParser;
use crate::time::Timestamp;

/// Parses a page of a listing that comes in pieces, and takes it in; returns its entries.
///
/// # Errors
/// Why it is no page.
pub fn list_page(text: &[u8], piece: usize) -> Result<usize, String> {
    let mut parser = PageParser::new(false, u64::MAX);
    let fed = text.chunks(piece).try_for_each(|piece| parser.feed(piece));
    let page = fed.and_then(|()| parser.finish()).map_err(|no_page| format!("{no_page:?}"))?;
    let began = Timestamp::from_unix_seconds(0).ok_or("1970 is a time")?;
    let accepted = Pages::new(Selection::default()).accept(page, began, 1 << 20);
    match accepted.map_err(|wrong| format!("{wrong:?}"))? {
        Accepted::Entries(entries) => Ok(entries.len()),
        Accepted::AskAgain => Ok(0),
    }
}

/// A signer whose key is derived already, as for every request but the first of a day.
pub struct Signer {
    key: SigningKey,
    headers: Headers,
    time: Timestamp,
}

impl Signer {
    /// Signs at a time in Unix seconds; `None` if there is no such time.
    pub fn new(credentials: &Credentials, seconds: i64) -> Option<Self> {
        let time = Timestamp::from_unix_seconds(seconds)?;
        let mut headers = Headers::new();
        headers.push("host", "bucket.s3.us-east-1.example.org");
        for (name, value) in sign::fields(Some(credentials), time, sign::EMPTY_PAYLOAD).iter() {
            headers.push(name, value);
        }
        Some(Signer { key: SigningKey::derive(credentials, time, "us-east-1"), headers, time })
    }

    /// The value of `Authorization` for a GET.
    pub fn sign(&self, path: &str) -> String {
        let unsigned = Unsigned {
            method: "GET",
            path,
            query: "",
            headers: &self.headers,
            payload_sha256: sign::EMPTY_PAYLOAD,
        };
        sign::authorize(&unsigned, &self.key, self.time)
    }
}

/// How often a task of this client gave its source to the consumer behind pieces that were
/// still queued.
pub fn hand_overs(client: &Client) -> u64 {
    client.session().counters.hand_overs()
}

/// The CRC-64/NVME of bytes.
pub fn crc64nvme(bytes: &[u8]) -> Vec<u8> {
    let mut digest = Digest::new(Algorithm::Crc64Nvme);
    digest.update(bytes);
    digest.finish()
}

/// A plan of keys that come from no server, and of their growth: for the cost of planning alone.
#[cfg(feature = "plan")]
pub struct Planner(crate::proto::plan::cut::Cut);

#[cfg(feature = "plan")]
impl Planner {
    /// A first plan within these limits.
    ///
    /// # Errors
    /// Which limit is none.
    pub fn new(limits: crate::plan::Limits) -> Result<Self, String> {
        crate::proto::plan::cut::Cut::new(crate::plan::Scope::default(), limits, 1).map(Planner)
    }

    /// The next key.
    ///
    /// # Errors
    /// It is not behind the one before.
    pub fn pass(&mut self, key: &str, size: u64) -> Result<(), String> {
        self.0.pass(key, size)
    }

    /// The plan.
    pub fn finish(self) -> crate::plan::Plan {
        self.0.finish()
    }
}
