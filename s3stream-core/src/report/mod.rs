//! What became of every object of a run: a manifest for programs, a page for people.
//!
//! A tool that reads many objects makes one [`Record`] of each and writes it as one line of
//! JSON, the manifest, between a [`Head`] and a [`Foot`]: so one that was cut is known, and
//! each line proves itself. A [`Report`] is fed the same records, keeps counts of them in
//! constant memory, and writes an HTML page that an operator opens the next morning. [`Run`]
//! is what the records cannot say: where from, where to, when, and whether the listing was
//! complete.
//!
//! Nothing here reads a clock or opens a file: times are passed in, text goes to the
//! `io::Write` that is given.
//!
//! ```
//! use s3stream_core::report::{Foot, Head, Listing, Outcome, Record, Report, Run, read_manifest};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut run = Run::default();
//! run.bucket = "bucket".to_owned();
//! let (mut manifest, mut report) = (Vec::new(), Report::new());
//! Head::of(&run).write_line(&mut manifest)?;
//!
//! let mut record = Record::new("bucket", "photos/1.jpg", Outcome::Streamed);
//! record.bytes = Some(120_000);
//! record.method = Some("crc64nvme".to_owned());
//! record.write_line(&mut manifest)?;
//! report.add(&record);
//!
//! run.listed = Some(1);
//! run.listing = Listing::Complete;
//! Foot::of(&report, &run).write_line(&mut manifest)?;
//!
//! let (again, run) = read_manifest(&manifest[..])?;
//! assert_eq!(again, report);
//! let mut page = Vec::new();
//! again.write_html(&run, &mut page)?;
//! # Ok(())
//! # }
//! ```

pub mod human;

mod accumulate;
mod assessment;
mod attributes;
mod html;
mod manifest;
mod record;
mod run;
mod sizes;
mod strength;
mod tally;
mod verify;

pub use accumulate::Report;
pub use assessment::Assessment;
pub use attributes::Attribute;
pub use manifest::{Ending, Foot, Head, Manifest, ManifestError, checksum, read_manifest};
pub use record::{Failure, Outcome, Record};
pub use run::{Listing, Run};
pub use verify::{
    ArchiveCheck, Breach, Finding, Gate, MemberError, Note, Totals, Verification, VerifyError,
};
