//! Reading a manifest back.

use std::fmt;
use std::io::{self, BufRead};

use super::{Record, Report};

/// Longer than any record can be: a key is 1,024 bytes and a message is one line.
const LONGEST_LINE: u64 = 1 << 20;

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
    /// `Line` for the first line that is no record, such as a last one that was cut short;
    /// `Io` where `manifest` cannot be read.
    pub fn from_manifest(mut manifest: impl BufRead) -> Result<Report, ManifestError> {
        let mut report = Report::new();
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            // A file that is no manifest must not fill the memory.
            let read = io::Read::take(&mut manifest, LONGEST_LINE).read_until(b'\n', &mut text)?;
            if read == 0 {
                break;
            }
            let record = parse(&text).map_err(|why| ManifestError::Line { line, why })?;
            report.add(&record);
        }
        Ok(report)
    }
}

fn parse(text: &[u8]) -> Result<Record, String> {
    // The parser's own line number is always 1 here: only the column tells anything.
    serde_json::from_slice(text).map_err(|error| {
        let text = error.to_string();
        text.replace(" at line 1 column ", " at column ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Failure, Outcome};

    fn lines(records: &[Record]) -> Vec<u8> {
        let mut lines = Vec::new();
        records.iter().for_each(|record| record.write_line(&mut lines).unwrap());
        lines
    }

    #[test]
    fn a_report_from_a_manifest_is_the_report_of_its_records() {
        let mut records = Vec::new();
        for number in 0..50_u64 {
            let outcome = match number % 3 {
                0 => Outcome::Streamed,
                1 => Outcome::Skipped,
                _ => Outcome::Failed,
            };
            let mut record = Record::new("b", &format!("key {number}\n"), outcome);
            record.size = Some(number * number);
            record.bytes = Some(number);
            record.seconds = Some(0.5);
            record.reason = (outcome == Outcome::Skipped).then(|| "delete marker".to_owned());
            record.error = (outcome == Outcome::Failed).then(|| Failure::of_destination("full"));
            records.push(record);
        }
        let mut direct = Report::new();
        records.iter().for_each(|record| direct.add(record));
        assert_eq!(Report::from_manifest(&lines(&records)[..]).unwrap(), direct);
    }

    #[test]
    fn a_line_that_is_no_record_is_named() {
        let good = lines(&[Record::new("b", "k", Outcome::Streamed)]);
        for (bad, part) in [
            ("\n", "EOF"),
            ("{}\n", "missing field `bucket`"),
            ("{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"eaten\"}\n", "eaten"),
            ("{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"fail", "EOF"),
            (
                "{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"failed\",\"last_modified\":\"x\"}\n",
                "'x' is not a time",
            ),
        ] {
            // What is cut short is the last line.
            let rest = if bad.ends_with('\n') { &good[..] } else { &[] };
            let manifest = [&good, bad.as_bytes(), rest].concat();
            let error = Report::from_manifest(&manifest[..]).unwrap_err().to_string();
            assert!(error.starts_with("line 2 ") && error.contains(part), "{error}");
        }
    }
}
