//! Transcripts: one small text file for each fault.
//!
//! A transcript says what the client under test does, what requests it must
//! send for it, what it gets back, and how that must end for its caller.
//!
//! ```text
//! # RadosGW drops a reader that stalls for 65 s: a clean FIN, a short body.
//! group:  body
//! object: size=200000 seed=7
//! do:     read
//! expect: ok verdict=md5 resumes=1
//! ---
//! request GET /bucket/key
//!   lacks range
//!   reply honest
//!   body 0..100000
//!   fin
//! request GET /bucket/key
//!   has range: bytes=100000-199999
//!   has if-match: {etag}
//!   serve
//! end
//! ```
//!
//! Lines are read one by one; blank lines and the indentation mean nothing, and
//! a line that begins with `#` is a comment. Comments before everything else
//! tell the story, and they are required: which server does this, and why it
//! matters.
//!
//! # Settings, before `---`
//!
//! ```text
//! group:  connection | header | body | range | identity | checksum | throttle
//!         | listing | tls | auth
//! object: size=BYTES seed=NUMBER        content of the object; any part may be left out
//!         etag=md5 | multipart | opaque | none
//!         checksums=crc64nvme,crc32c,crc32,sha1,sha256    shown by `honest` replies
//!         part=BYTES                    part size of multipart ETag and composites
//!         composite                     the checksums are composites of the parts'
//! other:  as object                     another object, called `other` below
//! tls:    trusted | untrusted | expired | wrong-host | truncate | plaintext
//! before: as do                         done first with the same client, must succeed
//! do:     read [key= bucket= offset= length= version_id= if_match= read_size= pause=BYTES:SECONDS]
//!         head [key= bucket= version_id=]
//!         list [bucket= prefix= delimiter= start_after= end_at= versions]
//!         buckets
//! config: NAME=VALUE ...                client settings by their contract names
//! expect: ok [verdict= resumes= retries= size= keys= prefixes=]
//!         error kind=KIND [code= status= delivered= attempts=]
//! connections: COUNT                    how many connections must have come
//! ```
//!
//! Bucket and key are `bucket` and `key` unless `do` says otherwise. Values have
//! no blanks: `%20` stands for one (and `%25` for a percent sign); placeholders
//! work. `pause` stops reading for so many seconds after so many bytes. A COUNT
//! is `3`, `1..3` (1, 2 or 3) or `1..` (1 and more). `keys` and `prefixes` are
//! lists with commas; digits alone are a COUNT.
//!
//! # Steps, after `---`
//!
//! Steps come in order, the last one is `end`: a later request is a mismatch.
//!
//! ```text
//! connection close | rst | stall        what the next new connection gets before it is read
//! request METHOD TARGET                 the next request, on any connection; the target as sent
//! end
//! ```
//!
//! Below `request` stand, first, what is checked:
//!
//! ```text
//! times COUNT                           the step serves so many requests, as many as fit
//! has NAME: VALUE                       a header
//! lacks NAME
//! signed REGION                         instead of the configured region or us-east-1
//! dated SECONDS                         the client's clock is so far from the server's, e.g. +900
//! anonymous                             not signed; otherwise every signature is verified
//! fresh-signature                       no earlier request had the same one
//! new-connection | same-connection      as the request before
//! waited SECONDS                        at least so long after the request before
//! ```
//!
//! `*` in a TARGET or VALUE stands for any text. Then what is done:
//!
//! ```text
//! serve [other] [as STATUS]             answers as a proper server, with the body
//! reply honest [other] [as STATUS]      only status line and headers of that
//! reply STATUS ["REASON"]               a status line, without headers
//! NAME: VALUE                           below reply: one header; replaces an honest one
//! without NAME                          below reply honest: leaves a header out
//! body PIECE                            bytes of the body
//! chunk PIECE                           the same as one chunk of a chunked body
//! last-chunk                            the end of a chunked body
//! raw "TEXT"                            these bytes, outside of any reply
//! wait SECONDS                          goes on later
//! stall                                 does not go on; the client has to hang up
//! fin | rst                             closes the connection; otherwise it is kept alive
//!
//! PIECE: [other] RANGE [corrupt AT]     bytes of the object; the byte at AT is flipped
//!        [other] requested [RANGE] [corrupt AT]    of the range that the request asks for
//!        text "TEXT"                    \r \n \t \0 \" \\ \xHH as in C
//!        lines                          the following lines, up to one that is a dot
//! RANGE: FIRST..END | FIRST.. | ..      END is not included
//! ```
//!
//! # Placeholders, in every VALUE, TEXT and line of a body
//!
//! ```text
//! {size} {etag} {md5} {crc64nvme} {crc32c} {crc32} {sha1} {sha256}
//! {multipart_etag:PART} {composite_sha256:PART} (any algorithm)
//!                      facts of the object; {other.size} and so on for the other
//! {first} {last} {length}    the range that the request asks for, else the whole object
//! {body_size}          length of all `body` lines of this reply
//! {now} {now+900} {now-900}  an HTTP date, so many seconds away
//! {endpoint} {port}    where this server listens
//! {{                   a brace
//! ```
//!
//! ETags have their quotes: `ETag: {etag}`.

mod check;
mod options;
mod parse;
mod piece;
mod play;
mod settings;
mod template;

use std::fmt;
use std::path::Path;

pub use options::{Count, Options};
pub use play::TranscriptScript;
pub use settings::{Expectation, Outcome, Task, Verb};

use super::content::Content;
use super::tls::Tls;
use parse::Step;

/// The groups that transcripts come in.
pub const GROUPS: [&str; 10] = [
    "connection",
    "header",
    "body",
    "range",
    "identity",
    "checksum",
    "throttle",
    "listing",
    "tls",
    "auth",
];

/// One fault: what the client does, what happens to it, how that must end.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The file's name without its directory and ending.
    pub name: String,
    /// The comment on top: which server does this and why it matters.
    pub story: String,
    /// One of [`GROUPS`].
    pub group: String,
    /// The object.
    pub object: Content,
    /// The other object.
    pub other: Content,
    /// How the server speaks TLS, if it does.
    pub tls: Option<Tls>,
    /// What the client does first; it must succeed.
    pub before: Option<Task>,
    /// What the client does.
    pub task: Task,
    /// Client settings beyond endpoint and credentials, by contract name.
    pub config: Options,
    /// How it must end.
    pub expect: Expectation,
    connections: Option<Count>,
    file: String,
    steps: Vec<Step>,
}

impl Transcript {
    /// Reads a transcript from a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or naming file and line of what is wrong.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TranscriptError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) => Err(TranscriptError {
                file,
                line: 0,
                message: error.to_string(),
            }),
        }
    }

    /// Reads a transcript from `text`; `file` is only its name.
    ///
    /// # Errors
    ///
    /// Naming file and line of what is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, TranscriptError> {
        parse::parse(file, text)
    }

    /// Makes the script that plays it.
    pub fn into_script(self) -> TranscriptScript {
        TranscriptScript::new(self)
    }
}

/// A transcript that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptError {
    /// The file.
    pub file: String,
    /// The line, counted from 1; 0 when the fault is not in a line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for TranscriptError {}
