//! The last line of a manifest: what it all came to.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::sum;
use crate::proto::fingerprint::Fingerprint;
use crate::report::record::timestamp;
use crate::report::{Listing, Report, Run};
use crate::time::Timestamp;

/// What a line begins with that is a foot.
pub(super) const MARK: &[u8] = b"{\"end\":";

/// The last line of a manifest: whether the run saw all there is, and the sums of its lines.
///
/// A manifest that ends without one was cut, or its run was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Foot {
    /// What it comes to: the name of an [`Assessment`](crate::report::Assessment).
    pub assessment: String,
    /// Whether the listing came to its end: `complete`, `incomplete`, `unknown`.
    pub listing: String,
    /// Why it did not, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How the end of the listing is known: the name of an [`End`](crate::End).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_end: Option<String>,
    /// In which order the listing came: the name of an [`Order`](crate::Order).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_order: Option<String>,
    /// What else is to be known of the listing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listing_remarks: Vec<String>,
    /// How many objects the listing gave, where somebody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<u64>,
    /// Objects that were streamed.
    pub streamed: u64,
    /// Objects that were skipped.
    pub skipped: u64,
    /// Objects that failed.
    pub failed: u64,
    /// Bytes of streamed objects.
    pub bytes: u64,
    /// The sizes of all records together, whatever became of them.
    pub size: u64,
    /// The [`Fingerprint`] of all records: key, ETag and size of each.
    #[serde(with = "text")]
    pub fingerprint: Fingerprint,
    /// When the run ended.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "timestamp")]
    pub ended: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Line<T> {
    end: T,
}

impl Foot {
    /// The foot of the manifest whose records a report was fed.
    pub fn of(report: &Report, run: &Run) -> Self {
        let (listing, why) = match &run.listing {
            Listing::Unknown => ("unknown", None),
            Listing::Complete => ("complete", None),
            Listing::Incomplete(why) => ("incomplete", Some(why.clone())),
        };
        Foot {
            assessment: report.assess(run).name().to_owned(),
            listing: listing.to_owned(),
            why,
            listing_end: run.listing_end.clone(),
            listing_order: run.listing_order.clone(),
            listing_remarks: run.listing_remarks.clone(),
            listed: run.listed,
            streamed: report.streamed(),
            skipped: report.skipped(),
            failed: report.failed(),
            bytes: report.bytes(),
            size: report.size(),
            fingerprint: report.fingerprint(),
            ended: run.ended,
        }
    }

    /// Writes it as the last line of a manifest, its end included.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_line(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&sum::sealed(serde_json::to_vec(&Line { end: self })?))
    }

    pub(super) fn parse(line: &[u8]) -> Result<Foot, String> {
        super::json::<Line<Foot>>(line).map(|line| line.end)
    }

    /// What of its sums is not that of the lines before it; `None` where all of them are.
    pub(super) fn disagrees(&self, counted: &Counted) -> Option<String> {
        let said = self.streamed.saturating_add(self.skipped).saturating_add(self.failed);
        if said != counted.records {
            return Some(format!("it counts {said} records, there are {}", counted.records));
        }
        let is_same = self.fingerprint == counted.fingerprint && self.size == counted.size;
        (!is_same).then(|| "its fingerprint is not that of the records before it".to_owned())
    }
}

/// The sums of the lines that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Counted {
    pub(in crate::report) records: u64,
    pub(in crate::report) size: u64,
    pub(in crate::report) fingerprint: Fingerprint,
}

impl Counted {
    pub(in crate::report) fn add(&mut self, record: &crate::report::Record) {
        let size = record.size.unwrap_or_default();
        self.records += 1;
        self.size = self.size.saturating_add(size);
        self.fingerprint.add_described(
            &record.key,
            record.etag.as_deref().unwrap_or_default(),
            size,
        );
    }
}

impl Run {
    pub(super) fn ended_as(&mut self, foot: &Foot) {
        self.listing = match foot.listing.as_str() {
            "complete" => Listing::Complete,
            "incomplete" => Listing::Incomplete(foot.why.clone().unwrap_or_default()),
            _ => Listing::Unknown,
        };
        self.listing_end.clone_from(&foot.listing_end);
        self.listing_order.clone_from(&foot.listing_order);
        self.listing_remarks.clone_from(&foot.listing_remarks);
        (self.listed, self.ended) = (foot.listed, foot.ended);
    }
}

/// A fingerprint as its text.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::proto::fingerprint::Fingerprint;

    pub(super) fn serialize<S: Serializer>(
        fingerprint: &Fingerprint,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(fingerprint)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Fingerprint, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
