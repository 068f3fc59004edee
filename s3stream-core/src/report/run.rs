//! What is to be known about a run beside its objects.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::list::ListSummary;
use crate::time::Timestamp;

/// Where a run read from, where it wrote to, when, and whether it saw all there is.
///
/// Absent means not known, as where a report is made from a manifest alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// The bucket; of the records if empty.
    pub bucket: String,
    /// What all keys begin with; empty for all of the bucket.
    pub prefix: String,
    /// Only keys after this one were asked for.
    pub start_after: Option<String>,
    /// Only keys up to this one were asked for.
    pub end_at: Option<String>,
    /// What else was asked for, by the options' names: `versions` is `all`.
    pub rules: BTreeMap<String, String>,
    /// URL of the service.
    pub endpoint: Option<String>,
    /// Where the objects went.
    pub destination: Option<String>,
    /// The manifest beside it.
    pub manifest: Option<String>,
    /// Name of the tool.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How many objects the listing gave.
    pub listed: Option<u64>,
    /// Whether the listing came to its end.
    pub listing: Listing,
    /// How the end of the listing is known: the name of an [`End`](crate::End).
    pub listing_end: Option<String>,
    /// In which order the listing came: the name of an [`Order`](crate::Order).
    pub listing_order: Option<String>,
    /// What else is to be known of the listing: the lines of
    /// [`ListSummary::remarks`](crate::ListSummary::remarks).
    pub listing_remarks: Vec<String>,
}

impl Run {
    /// Takes over how a listing stands.
    pub fn listed_as(&mut self, summary: &ListSummary) {
        self.listing_end = Some(summary.end.name().to_owned());
        self.listing_order = Some(summary.order.name().to_owned());
        self.listing_remarks = summary.remarks();
    }
}

/// Whether a listing came to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Listing {
    /// Nobody said: a manifest alone does not.
    #[default]
    Unknown,
    /// The server said that there are no more keys.
    Complete,
    /// It broke off, or was given up; why, in one line.
    Incomplete(String),
}

impl From<&Error> for Listing {
    fn from(error: &Error) -> Self {
        Listing::Incomplete(error.to_string())
    }
}
