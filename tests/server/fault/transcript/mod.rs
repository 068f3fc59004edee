//! Transcripts: one small text file for each fault.
//!
//! The grammar stands in `tests/faults/README.md`, beside the transcripts; this
//! module reads it from there.
#![doc = include_str!("../../../faults/README.md")]

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
pub const GROUPS: [&str; 11] = [
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
    "write",
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
            Err(error) => Err(TranscriptError { file, line: 0, message: error.to_string() }),
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
