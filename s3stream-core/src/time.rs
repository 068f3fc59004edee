//! Points in time, as S3's replies write them and as signatures need them.

use std::fmt;
use std::time::{Duration, SystemTime};

/// A point in time, of nanosecond resolution; S3 itself gives seconds or milliseconds.
///
/// ```
/// use s3stream_core::Timestamp;
/// let time = Timestamp::parse_iso8601("2013-05-24T00:00:00.000Z").unwrap();
/// assert_eq!(time.unix_seconds(), 1_369_353_600);
/// assert_eq!(time.to_string(), "2013-05-24T00:00:00Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The time that many seconds after 1970-01-01T00:00:00Z; `None` beyond the year 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Timestamp)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Parses the ISO 8601 form of listings, `2013-05-24T00:00:00.000Z`; `None` if it is not one.
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Timestamp)
    }

    /// Parses the date of HTTP headers, `Fri, 24 May 2013 00:00:00 GMT` (RFC 9110, 5.6.7).
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        parser.parse_timestamp(text.trim()).ok().map(Timestamp)
    }

    /// The compact form of a signature, `20130524T000000Z`.
    pub(crate) fn amz_date(self) -> String {
        self.0.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// This time, later (or earlier) by some seconds; the same time where that overflows.
    pub(crate) fn shifted(self, seconds: i64) -> Self {
        let span = jiff::SignedDuration::from_secs(seconds);
        Timestamp(self.0.checked_add(span).unwrap_or(self.0))
    }

    /// How long it is from `earlier` to this; zero if `earlier` is later.
    pub(crate) fn since(self, earlier: Timestamp) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or_default()
    }
}

impl From<SystemTime> for Timestamp {
    /// A clock beyond the year 9999 becomes the epoch: such a machine cannot sign anything.
    fn from(time: SystemTime) -> Self {
        Timestamp(jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        time.0.into()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_reply_parse_to_the_same_second() {
        let listed = Timestamp::parse_iso8601("2013-05-24T00:00:00.123Z").unwrap();
        let header = Timestamp::parse_http_date("Fri, 24 May 2013 00:00:00 GMT").unwrap();
        assert_eq!(listed.unix_seconds(), header.unix_seconds());
        assert_eq!(header.amz_date(), "20130524T000000Z");
    }

    #[test]
    fn nonsense_is_none() {
        for text in ["", "yesterday", "2013-05-24", "Fri, 99 May 2013 00:00:00 GMT"] {
            assert_eq!(Timestamp::parse_iso8601(text), None, "{text}");
            assert_eq!(Timestamp::parse_http_date(text), None, "{text}");
        }
    }
}
