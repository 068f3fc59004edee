//! Reading a manifest back, line by line, in constant memory.

use std::io::{self, BufRead};

use super::foot::{self, Counted};
use super::head;
use super::sum::{self, Sum};
use super::{Foot, Head, ManifestError};
use crate::report::Record;

/// Longer than any record can be: a key is 1,024 bytes and a message is one line.
const LONGEST_LINE: u64 = 1 << 20;

/// The records of a manifest, one after another; then how it ended.
///
/// ```
/// use s3stream_core::report::{Ending, Foot, Head, Manifest, Outcome, Record, Report, Run};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (run, mut report, mut text) = (Run::default(), Report::new(), Vec::new());
/// Head::of(&run).write_line(&mut text)?;
/// let record = Record::new("bucket", "photos/1.jpg", Outcome::Streamed);
/// record.write_line(&mut text)?;
/// report.add(&record);
/// Foot::of(&report, &run).write_line(&mut text)?;
///
/// let mut manifest = Manifest::open(&text[..])?;
/// assert_eq!(manifest.head().unwrap().format, 2);
/// for record in manifest.by_ref() {
///     println!("{}", record?.key);
/// }
/// assert!(matches!(manifest.ending(), Some(Ending::Closed(foot)) if foot.streamed == 1));
///
/// let mut cut = Manifest::open(&text[..text.len() - 1])?;
/// assert_eq!(cut.by_ref().count(), 1);
/// assert_eq!(cut.ending(), Some(&Ending::Cut));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Manifest<R> {
    lines: Lines<R>,
    head: Option<Head>,
    /// The first line of a manifest that has no head is a record.
    first: Option<Record>,
    counted: Counted,
    ending: Option<Ending>,
    is_failed: bool,
}

/// How a manifest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// With its closing line, whose sums are those of the records.
    Closed(Box<Foot>),
    /// Without it: the manifest was cut, or its run ended before it could be written. Of a
    /// record that is not whole nothing is given.
    Cut,
    /// Manifests of earlier versions have no closing line: nobody can tell.
    Unsaid,
}

impl<R: BufRead> Manifest<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// `Line` where it is neither a head nor a record, or of a later version; `Io` where it
    /// cannot be read.
    pub fn open(manifest: R) -> Result<Self, ManifestError> {
        let mut lines = Lines { manifest, text: Vec::new(), number: 0 };
        let (mut head, mut first, mut ending) = (None, None, None);
        match lines.next()? {
            Taken::End => ending = Some(Ending::Unsaid),
            Taken::Whole if lines.text.starts_with(head::MARK) => {
                let parsed = lines.proven().and_then(Head::parse);
                head = Some(parsed.map_err(|why| lines.wrong(why))?);
            }
            Taken::Whole | Taken::Torn => first = Some(lines.record(Expect::AnySum)?),
        }
        Ok(Manifest { lines, head, first, counted: Counted::default(), ending, is_failed: false })
    }

    /// What the run set out to do; `None` in manifests of earlier versions.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// How it ended, once the records have.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    fn record(&mut self) -> Result<Option<Record>, ManifestError> {
        if let Some(record) = self.first.take() {
            return Ok(Some(record));
        }
        let has_head = self.head.is_some();
        match self.lines.next()? {
            Taken::End | Taken::Torn if has_head => self.ending = Some(Ending::Cut),
            Taken::End => self.ending = Some(Ending::Unsaid),
            Taken::Whole if has_head && self.lines.text.starts_with(foot::MARK) => self.close()?,
            Taken::Whole if has_head => return self.lines.record(Expect::Sum).map(Some),
            Taken::Whole | Taken::Torn => return self.lines.record(Expect::AnySum).map(Some),
        }
        Ok(None)
    }

    fn close(&mut self) -> Result<(), ManifestError> {
        let foot = self.lines.proven().and_then(Foot::parse);
        let foot = foot.map_err(|why| self.lines.wrong(why))?;
        if let Some(why) = foot.disagrees(&self.counted) {
            return Err(self.lines.wrong(why));
        }
        match self.lines.next()? {
            Taken::End => self.ending = Some(Ending::Closed(Box::new(foot))),
            _ => return Err(self.lines.wrong("it comes behind the closing line".to_owned())),
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for Manifest<R> {
    type Item = Result<Record, ManifestError>;

    /// The next record; an error ends it.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_failed || self.ending.is_some() {
            return None;
        }
        let record = self.record().transpose()?;
        match &record {
            Ok(record) => self.counted.add(record),
            Err(_) => self.is_failed = true,
        }
        Some(record)
    }
}

/// Lines of bounded length, with their numbers.
#[derive(Debug)]
struct Lines<R> {
    manifest: R,
    /// The line that was read last, without its line break.
    text: Vec<u8>,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Whole,
    /// The last line has no line break.
    Torn,
    End,
}

/// Whether a line must say its sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Sum,
    AnySum,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> io::Result<Taken> {
        self.text.clear();
        self.number += 1;
        // A file that is no manifest must not fill the memory.
        let mut limited = io::Read::take(&mut self.manifest, LONGEST_LINE);
        let read = limited.read_until(b'\n', &mut self.text)?;
        Ok(match self.text.pop_if(|last| *last == b'\n') {
            Some(_) => Taken::Whole,
            None if read == 0 => Taken::End,
            // Too long is as wrong as a line can be, but it is not the last one.
            None if read as u64 == LONGEST_LINE => Taken::Whole,
            None => Taken::Torn,
        })
    }

    /// The line, if its sum is right.
    fn proven(&self) -> Result<&[u8], String> {
        match sum::check(&self.text) {
            Sum::Right => Ok(&self.text),
            Sum::Wrong => Err("its sum is wrong: it is damaged".to_owned()),
            Sum::Absent => Err("it has no sum: it is damaged".to_owned()),
        }
    }

    fn record(&self, expect: Expect) -> Result<Record, ManifestError> {
        let line = match sum::check(&self.text) {
            Sum::Absent if expect == Expect::AnySum => Ok(&self.text[..]),
            _ => self.proven(),
        };
        line.and_then(super::json).map_err(|why| self.wrong(why))
    }

    fn wrong(&self, why: String) -> ManifestError {
        ManifestError::Line { line: self.number, why }
    }
}
