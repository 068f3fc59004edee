//! The first line of a manifest: what the run set out to do.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::sum;
use crate::report::Run;
use crate::report::record::timestamp;
use crate::time::Timestamp;

/// The format that this version writes. 1 had neither head nor foot, and no sums.
pub(super) const FORMAT: u32 = 2;

/// What a line begins with that is a head.
pub(super) const MARK: &[u8] = b"{\"manifest\":";

/// The first line of a manifest: where from, by which rules, and since when.
///
/// Fields that are not known are left out of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Head {
    /// The version of the format: 2. Readers refuse one that is greater.
    pub format: u32,
    /// Name of the tool.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tool: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// URL of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The bucket; several are told apart in the records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bucket: String,
    /// What all keys begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Only keys after this one were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_after: Option<String>,
    /// Only keys up to this one were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_at: Option<String>,
    /// What else was asked for, by the options' names: `versions=all`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, String>,
    /// When the run began.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "timestamp")]
    pub started: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Line<T> {
    manifest: T,
}

impl Head {
    /// The head of the manifest of a run.
    pub fn of(run: &Run) -> Self {
        Head {
            format: FORMAT,
            tool: run.tool.clone(),
            version: run.version.clone(),
            endpoint: run.endpoint.clone(),
            bucket: run.bucket.clone(),
            prefix: run.prefix.clone(),
            start_after: run.start_after.clone(),
            end_at: run.end_at.clone(),
            rules: run.rules.clone(),
            started: run.started,
        }
    }

    /// Writes it as the first line of a manifest, its end included.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_line(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&sum::sealed(serde_json::to_vec(&Line { manifest: self })?))
    }

    pub(super) fn parse(line: &[u8]) -> Result<Head, String> {
        let Line { manifest: head } = super::json::<Line<Head>>(line)?;
        match head.format {
            0..=FORMAT => Ok(head),
            newer => Err(format!("the format {newer} is of a later version than this one")),
        }
    }
}

impl Run {
    pub(super) fn began_as(&mut self, head: &Head) {
        let Head {
            format: _,
            tool,
            version,
            endpoint,
            bucket,
            prefix,
            start_after,
            end_at,
            rules,
            started,
        } = head.clone();
        (self.tool, self.version, self.endpoint) = (tool, version, endpoint);
        (self.bucket, self.prefix, self.rules) = (bucket, prefix, rules);
        (self.start_after, self.end_at, self.started) = (start_after, end_at, started);
    }
}
