//! The settings of a transcript: what the client does and how it must end.

use std::fmt;

use crate::fault::content::{Algorithm, Content, EtagKind};
use crate::fault::tls::Tls;

use super::GROUPS;
use super::options::{Count, Options, decode, seconds};
use super::template::{Context, Template};

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Opens an object and reads it to its end.
    Read,
    /// Asks for an object's description.
    Head,
    /// Lists a bucket to its end.
    List,
    /// Lists the buckets.
    Buckets,
    /// Stores the object by one request.
    Put,
    /// Writes the object, piece by piece.
    Write,
    /// Deletes an object.
    Delete,
}

/// What an object can be written with.
const WRITE: [&str; 20] = [
    "bucket",
    "key",
    // How it is written.
    "piece",
    "pause",
    "end",
    // With what, by the options' names.
    "size",
    "part_size",
    "max_parts",
    "concurrency",
    "condition",
    "expect_size",
    "expect_crc64nvme",
    "content_type",
    "user",
    "tag",
    "storage_class",
    "acl",
    "read_back",
    "strict",
    "cache_control",
];

impl Verb {
    const NAMES: [(&'static str, Self, &'static [&'static str]); 7] = [
        (
            "read",
            Self::Read,
            &[
                "bucket",
                "key",
                "offset",
                "length",
                "version_id",
                "if_match",
                "listed_etag",
                "listed_size",
                "read_size",
                "pause",
            ],
        ),
        ("head", Self::Head, &["bucket", "key", "version_id"]),
        (
            "list",
            Self::List,
            &[
                "bucket",
                "prefix",
                "delimiter",
                "start_after",
                "end_at",
                "versions",
                "prove_end",
                "ordered",
            ],
        ),
        ("buckets", Self::Buckets, &[]),
        ("put", Self::Put, &WRITE),
        ("write", Self::Write, &WRITE),
        ("delete", Self::Delete, &["bucket", "key", "version_id", "if_match"]),
    ];
}

/// What a client does, with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What it does.
    pub verb: Verb,
    /// With what, as far as the transcript says it.
    pub options: Options,
}

impl Task {
    /// Returns the bucket.
    pub fn bucket(&self) -> &str {
        self.options.get("bucket").unwrap_or("bucket")
    }

    /// Returns the key.
    pub fn key(&self) -> &str {
        self.options.get("key").unwrap_or("key")
    }
}

impl fmt::Display for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Verb::NAMES
            .iter()
            .find(|(_, verb, _)| *verb == self.verb)
            .map_or("", |(name, _, _)| name);
        formatter.write_str(format!("{name} {}", self.options).trim_end())
    }
}

/// Whether it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Ok,
    /// It fails.
    Error,
}

/// How it must end, with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Whether it succeeds.
    pub outcome: Outcome,
    /// With what, as far as the transcript says it.
    pub options: Options,
}

impl fmt::Display for Expectation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.outcome {
            Outcome::Ok => "ok",
            Outcome::Error => "error",
        };
        formatter.write_str(format!("{name} {}", self.options).trim_end())
    }
}

const OK_OPTIONS: [&str; 17] = [
    "verdict",
    "unproven",
    "reread",
    "resumes",
    "retries",
    "size",
    "newer",
    "keys",
    "prefixes",
    "unreadable",
    "end",
    "order",
    "early_ends",
    "parts",
    "resolved",
    "differences",
    "etag",
];
const ERROR_OPTIONS: [&str; 5] = ["kind", "code", "status", "delivered", "attempts"];
const COUNTS: [&str; 11] = [
    "reread",
    "resumes",
    "retries",
    "size",
    "newer",
    "early_ends",
    "status",
    "delivered",
    "attempts",
    "parts",
    "resolved",
];
const NUMBERS: [&str; 10] = [
    "offset",
    "length",
    "listed_size",
    "read_size",
    "size",
    "part_size",
    "max_parts",
    "concurrency",
    "piece",
    "expect_size",
];

const KINDS: [&str; 15] = [
    "invalid_input",
    "not_found",
    "access_denied",
    "changed",
    "throttled",
    "timed_out",
    "connection",
    "service",
    "protocol",
    "integrity",
    "cancelled",
    "internal",
    "archived",
    "already_exists",
    "unsupported",
];

const CONFIG: [&str; 25] = [
    "region",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "anonymous",
    "addressing_style",
    "verify",
    "ca_bundle",
    "proxy",
    "connect_timeout",
    "stall_timeout",
    "idle_timeout",
    "max_attempts",
    "retry_for",
    "retry_base_delay",
    "retry_max_delay",
    "memory_limit",
    "window",
    "integrity",
    "read_twice",
    "own_digest",
    "require_proof",
    "user_agent",
    "profile",
    "endpoint_url",
];

/// What makes failures quick enough for tests.
const CONFIG_DEFAULTS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("stall_timeout", "5"),
    ("max_attempts", "4"),
    ("retry_for", "0"),
    ("retry_base_delay", "0.001"),
    ("retry_max_delay", "0.02"),
];

const VERDICTS: [&str; 12] = [
    "crc64nvme",
    "crc32c",
    "crc32",
    "sha1",
    "sha256",
    "md5",
    "composite",
    "length",
    "range",
    "full_checksum",
    "checksum_etag",
    "parts_signed",
];

/// Why a verdict is not proven by a digest.
const REASONS: [&str; 6] =
    ["none offered", "not checkable", "read twice", "not read twice", "not asked for", "range"];

pub(crate) fn group(text: &str) -> Result<String, String> {
    one_of(text, &GROUPS).map(str::to_owned)
}

pub(crate) fn tls(text: &str) -> Result<Tls, String> {
    Tls::NAMES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, tls)| *tls)
        .ok_or_else(|| format!("there is no tls {text:?}"))
}

/// Reads an `object:` or `other:` line.
pub(crate) fn content(text: &str) -> Result<Content, String> {
    let names = ["size", "seed", "etag", "checksums", "composite", "part"];
    let options = options(text, &names, &Content::new(0, 0), &Content::new(0, 0))?;
    let number = |name: &str, default: u64| match options.get(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| format!("{name} {text:?} is not a number")),
    };
    let mut content = Content::new(number("size", 1000)?, number("seed", 1)?)
        .part_size(number("part", 64 << 10)?)
        .etag_kind(match options.get("etag").unwrap_or("md5") {
            "md5" => EtagKind::Md5,
            "multipart" => EtagKind::Multipart,
            "opaque" => EtagKind::Opaque,
            "none" => EtagKind::Absent,
            other => return Err(format!("there is no etag {other:?}")),
        });
    if let Some(names) = options.get("checksums") {
        content.checksums = names
            .split(',')
            .map(|name| {
                Algorithm::by_name(name).ok_or_else(|| format!("there is no checksum {name:?}"))
            })
            .collect::<Result<_, _>>()?;
    }
    content.composite = options.get("composite").is_some();
    Ok(content)
}

/// Reads a `do:` or `before:` line.
pub(crate) fn task(text: &str, object: &Content, other: &Content) -> Result<Task, String> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (_, verb, names) = Verb::NAMES
        .iter()
        .find(|(name, _, _)| *name == verb)
        .ok_or_else(|| format!("nobody can do {verb:?}"))?;
    let options = options(rest, names, object, other)?;
    for name in NUMBERS {
        if let Some(text) = options.get(name)
            && options.number(name).is_none()
        {
            return Err(format!("{name} {text:?} is not a number"));
        }
    }
    if let Some(pause) = options.get("pause") {
        let (after, time) = pause.split_once(':').unwrap_or((pause, ""));
        after.parse::<u64>().map_err(|_| format!("pause {pause:?} is not BYTES:SECONDS"))?;
        seconds(time)?;
    }
    if let Some(end) = options.get("end") {
        one_of(end, &["finish", "abort", "drop", "cancel"])?;
    }
    Ok(Task { verb: *verb, options })
}

/// Reads the `config:` line and adds the defaults.
pub(crate) fn config(text: &str, object: &Content, other: &Content) -> Result<Options, String> {
    let mut config = options(text, &CONFIG, object, other)?;
    for (name, value) in CONFIG_DEFAULTS {
        if config.get(name).is_none() {
            config.add(name, value.to_owned())?;
        }
    }
    Ok(config)
}

/// Reads the `expect:` line.
pub(crate) fn expectation(
    text: &str,
    object: &Content,
    other: &Content,
) -> Result<Expectation, String> {
    let (outcome, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (outcome, names) = match outcome {
        "ok" => (Outcome::Ok, &OK_OPTIONS[..]),
        "error" => (Outcome::Error, &ERROR_OPTIONS[..]),
        other => return Err(format!("expected ok or error, not {other:?}")),
    };
    let options = options(rest, names, object, other)?;
    match options.get("kind") {
        Some(kind) => drop(one_of(kind, &KINDS)?),
        None if outcome == Outcome::Error => return Err("an error needs its kind".to_owned()),
        None => {}
    }
    if let Some(verdict) = options.get("verdict") {
        one_of(verdict, &VERDICTS)?;
    }
    if let Some(reason) = options.get("unproven") {
        one_of(reason, &REASONS)?;
    }
    for name in COUNTS {
        options.get(name).map(Count::parse).transpose()?;
    }
    Ok(Expectation { outcome, options })
}

fn options(
    text: &str,
    names: &[&str],
    object: &Content,
    other: &Content,
) -> Result<Options, String> {
    let context = Context { object, other, request: None, endpoint_url: "", body_size: 0 };
    let mut options = Options::default();
    for word in text.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        one_of(name, names)?;
        let value = Template::parse(&decode(value)?)?.expand_text(&context);
        options.add(name, value)?;
    }
    Ok(options)
}

fn one_of<'a>(word: &'a str, known: &[&str]) -> Result<&'a str, String> {
    match known.contains(&word) {
        true => Ok(word),
        false => Err(format!("{word:?} is none of {}", known.join(", "))),
    }
}
