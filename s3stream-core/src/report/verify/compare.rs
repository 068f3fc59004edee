//! Yesterday's manifest against today's listing: one pass over both, in the order of keys.

use std::fmt;
use std::io::BufRead;

use super::totals::{Finding, Totals};
use crate::object::Object;
use crate::report::{Ending, Manifest, ManifestError, Record};

/// A manifest that is held against a listing, object by object, in constant memory.
///
/// Both must be in the order of keys by their bytes, as S3 lists; of one key as many records
/// and versions are kept as it has. A listing of versions is compared by version.
///
/// ```
/// use s3stream_core::Object;
/// use s3stream_core::report::{Finding, Manifest, Outcome, Record, Verification};
///
/// let mut text = Vec::new();
/// for key in ["a", "b"] {
///     Record::new("bucket", key, Outcome::Streamed).write_line(&mut text)?;
/// }
/// let mut verification = Verification::new(Manifest::open(&text[..])?);
/// let mut findings = Vec::new();
/// let mut note = |finding: Finding, record: Option<&Record>, object: Option<&Object>| {
///     let key = record.map(|record| &record.key).or(object.map(|object| &object.key));
///     findings.push((key.unwrap().clone(), finding.name()));
/// };
/// for key in ["b", "c"] {
///     verification.object(Object::new(key), &mut note)?;
/// }
/// let totals = verification.finish(&mut note)?;
/// assert_eq!((totals.missing(), totals.added()), (1, 1));
/// assert_eq!(findings[0], ("a".to_owned(), "missing"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Verification<R> {
    manifest: Manifest<R>,
    /// The first record behind those that were compared.
    next: Option<Record>,
    /// What the listing gave of one key, not compared yet.
    objects: Vec<Object>,
    records: Vec<Record>,
    /// The greatest key of the manifest so far.
    read: Option<String>,
    totals: Totals,
}

/// Takes what was found of one object: its record, if it has one, and what is there today.
pub type Note<'a> = dyn FnMut(Finding, Option<&Record>, Option<&Object>) + 'a;

/// Why a manifest cannot be compared to the end.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be read, or is damaged.
    Manifest(ManifestError),
    /// It, or the listing, is not in the order of keys.
    Unordered(String),
}

impl<R: BufRead> Verification<R> {
    /// A manifest that is read as the listing goes on.
    pub fn new(manifest: Manifest<R>) -> Self {
        Verification {
            manifest,
            next: None,
            objects: Vec::new(),
            records: Vec::new(),
            read: None,
            totals: Totals::default(),
        }
    }

    /// Compares one object of the listing, and all records before it.
    ///
    /// # Errors
    /// `Manifest`, `Unordered`: there is nothing more to be compared.
    pub fn object(&mut self, object: Object, note: &mut Note<'_>) -> Result<(), VerifyError> {
        if let Some(last) = self.objects.last() {
            if last.key > object.key {
                return Err(unordered("the listing", &last.key, &object.key));
            }
            if last.key != object.key {
                self.settle(note)?;
            }
        }
        self.objects.push(object);
        Ok(())
    }

    /// Ends the comparison where the listing came to its end: what is left of the manifest is
    /// missing.
    ///
    /// # Errors
    /// As [`object`](Verification::object).
    pub fn finish(mut self, note: &mut Note<'_>) -> Result<Totals, VerifyError> {
        if !self.objects.is_empty() {
            self.settle(note)?;
        }
        while let Some(record) = self.record()? {
            self.totals.note(Finding::of_record(&record), Some(&record), None, note);
        }
        self.totals.is_cut = matches!(self.manifest.ending(), Some(Ending::Cut));
        if let Some(Ending::Closed(foot)) = self.manifest.ending() {
            self.totals.assessment = Some(foot.assessment.clone());
        }
        Ok(self.totals)
    }

    /// Compares all that the listing gave of one key.
    fn settle(&mut self, note: &mut Note<'_>) -> Result<(), VerifyError> {
        let mut objects = std::mem::take(&mut self.objects);
        let mut records = std::mem::take(&mut self.records);
        let key = objects[0].key.clone();
        while let Some(record) = self.record()? {
            match record.key.cmp(&key) {
                std::cmp::Ordering::Less => {
                    self.totals.note(Finding::of_record(&record), Some(&record), None, note);
                }
                std::cmp::Ordering::Equal => records.push(record),
                std::cmp::Ordering::Greater => {
                    self.next = Some(record);
                    break;
                }
            }
        }
        for record in records.drain(..) {
            match objects.iter().position(|object| is_of(&record, object)) {
                Some(index) => {
                    let object = objects.remove(index);
                    let finding = Finding::of(&record, &object);
                    self.totals.note(finding, Some(&record), Some(&object), note);
                }
                None => self.totals.note(Finding::of_record(&record), Some(&record), None, note),
            }
        }
        for object in objects.drain(..) {
            self.totals.note(Finding::Added, None, Some(&object), note);
        }
        // Their room serves the next key.
        (self.objects, self.records) = (objects, records);
        Ok(())
    }

    fn record(&mut self) -> Result<Option<Record>, VerifyError> {
        if let Some(record) = self.next.take() {
            return Ok(Some(record));
        }
        let Some(record) = self.manifest.next() else { return Ok(None) };
        let record = record.map_err(VerifyError::Manifest)?;
        match &mut self.read {
            Some(last) if *last > record.key => {
                return Err(unordered("the manifest", last, &record.key));
            }
            Some(last) => last.clone_from(&record.key),
            None => self.read = Some(record.key.clone()),
        }
        Ok(Some(record))
    }
}

/// Whether they are of one version, where both say which; a listing without versions names none.
fn is_of(record: &Record, object: &Object) -> bool {
    match (&record.version_id, &object.version_id) {
        (Some(recorded), Some(listed)) => recorded == listed,
        _ => true,
    }
}

fn unordered(what: &str, last: &str, next: &str) -> VerifyError {
    VerifyError::Unordered(format!(
        "{what} is not in the order of keys: '{}' comes behind '{}'",
        next.escape_debug(),
        last.escape_debug()
    ))
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::Manifest(error) => write!(f, "the manifest: {error}"),
            VerifyError::Unordered(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            VerifyError::Manifest(error) => Some(error),
            VerifyError::Unordered(_) => None,
        }
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
