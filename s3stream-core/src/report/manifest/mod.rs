//! The manifest: a head, one line for each object, and a foot.

mod foot;
mod head;
mod read;
mod sum;

use std::fmt;
use std::io::{self, BufRead};

use serde::de::DeserializeOwned;

use super::{Listing, Report, Run};

pub(super) use foot::Counted;
pub use foot::Foot;
pub use head::Head;
pub use read::{Ending, Manifest};
pub use sum::checksum;
pub(super) use sum::sealed;

/// Why a manifest could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ManifestError {
    /// It could not be read at all.
    Io(io::Error),
    /// A line is not a record.
    Line {
        /// The number of the line, the first being 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::Io(error) => error.fmt(f),
            ManifestError::Line { line, why } => write!(f, "line {line} is not a record: {why}"),
        }
    }
}

impl std::error::Error for ManifestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ManifestError::Io(error) => Some(error),
            ManifestError::Line { .. } => None,
        }
    }
}

impl From<io::Error> for ManifestError {
    fn from(error: io::Error) -> Self {
        ManifestError::Io(error)
    }
}

impl Report {
    /// Feeds a report the records of a manifest, one line after another.
    ///
    /// # Errors
    /// As [`read_manifest`](super::read_manifest).
    pub fn from_manifest(manifest: impl BufRead) -> Result<Report, ManifestError> {
        read_manifest(manifest).map(|(report, _)| report)
    }
}

/// Reads a whole manifest in constant memory: the counts of its records, and what head and
/// foot say of the run.
///
/// A manifest that was cut is that of a run that broke off: its listing is
/// [`Listing::Incomplete`]. One of an earlier version, which says nothing of it, is
/// [`Listing::Unknown`].
///
/// # Errors
/// `Line` for the first line that is no record, is damaged, or does not count what stands
/// before it; `Io` where `manifest` cannot be read.
pub fn read_manifest(manifest: impl BufRead) -> Result<(Report, Run), ManifestError> {
    let (mut report, mut run) = (Report::new(), Run::default());
    let mut manifest = Manifest::open(manifest)?;
    for record in manifest.by_ref() {
        report.add(&record?);
    }
    if let Some(head) = manifest.head() {
        run.began_as(head);
    }
    match manifest.ending() {
        Some(Ending::Closed(foot)) => run.ended_as(foot),
        Some(Ending::Cut) => run.listing = Listing::Incomplete(CUT.to_owned()),
        Some(Ending::Unsaid) | None => {}
    }
    Ok((report, run))
}

/// Why a manifest without its closing line is not complete.
const CUT: &str = "the manifest ends without its closing line: it was cut, or its run was";

/// What stands in a line; why it does not, in words that need no other line.
fn json<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    // The parser's own line number is always 1 here: only the column tells anything.
    serde_json::from_slice(line)
        .map_err(|error| error.to_string().replace(" at line 1 column ", " at column "))
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
