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
    ///
    /// A time without a zone is UTC, as S3's are: gateways leave the `Z` out, or write a blank
    /// for the `T`.
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(time) = parse_canonical(text.as_bytes()) {
            return Some(time);
        }
        if let Ok(time) = text.parse() {
            return Some(Timestamp(time));
        }
        // A date alone is no time: nobody knows which of its seconds is meant.
        let has_time = text.len() > "2013-05-24T".len();
        let civil: jiff::civil::DateTime = has_time.then(|| text.parse().ok()).flatten()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|time| Timestamp(time.timestamp()))
    }

    /// Parses a time in either form, as gateways write it wherever S3 has one of them.
    pub(crate) fn parse_any(text: &str) -> Option<Self> {
        Self::parse_iso8601(text).or_else(|| Self::parse_http_date(text))
    }

    /// Parses the date of HTTP headers, `Fri, 24 May 2013 00:00:00 GMT` (RFC 9110, 5.6.7), also
    /// with a fraction of a second, or with a day of the week or a name of a month that is not
    /// quite it (`Sept`): what the numbers say is meant.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let text = text.split_once(',').map_or(text, |(_day, rest)| rest).trim();
        let (date_time, zone) = text.rsplit_once(' ')?;
        if !matches!(zone, "GMT" | "UTC" | "+0000" | "Z") {
            let parser = jiff::fmt::rfc2822::DateTimeParser::new();
            return parser.parse_timestamp(text).ok().map(Timestamp);
        }
        let mut words = date_time.split_whitespace();
        let (day, month, year) = (words.next()?, words.next()?, words.next()?);
        let (time, None) = (words.next()?, words.next()) else { return None };
        let month = month_number(month)?;
        let (day, year): (u8, u16) = (day.parse().ok()?, year.parse().ok()?);
        // Two digits are of RFC 850, whose century is anybody's guess.
        (year >= 1000).then_some(())?;
        Self::parse_iso8601(&format!("{year}-{month:02}-{day:02}T{time}Z"))
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

/// Parses `2013-05-24T00:00:00.000Z`, with or without a fraction, as every S3 server
/// writes it; `None` leaves anything else, leap seconds too, to the general parser.
fn parse_canonical(text: &[u8]) -> Option<Timestamp> {
    let (date_time, rest) = text.split_first_chunk::<19>()?;
    let [.., b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = date_time else {
        return None;
    };
    let number = |from: usize, to: usize| {
        date_time[from..to].iter().try_fold(0, |number: i64, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_valid = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_valid {
        return None;
    }
    let nanosecond = match rest {
        b"Z" => 0,
        [b'.', a, b, c, b'Z'] if [a, b, c].iter().all(|digit| digit.is_ascii_digit()) => {
            [a, b, c].iter().fold(0, |number, digit| number * 10 + i32::from(*digit - b'0'))
                * 1_000_000
        }
        _ => return None,
    };
    let seconds = ((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    jiff::Timestamp::new(seconds, nanosecond).ok().map(Timestamp)
}

/// The month of an English name, of which three letters count.
fn month_number(name: &str) -> Option<usize> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_ascii_lowercase();
    MONTHS.iter().position(|month| name.starts_with(month)).map(|index| index + 1)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar: years are counted from March,
/// so that the leap day is the last of its year.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Days from 0000-03-01 to 1970-01-01.
    year * 365 + leap_days + day_of_year - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_gateways_write_them() {
        for (text, expected) in [
            ("2026-01-02T03:04:05", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02 03:04:05", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05.678901", Some("2026-01-02T03:04:05.678901Z")),
            ("2026-01-02T03:04:05+01:00", Some("2026-01-02T02:04:05Z")),
            ("Tue, 13 Mar 2018 17:25:04 GMT", Some("2018-03-13T17:25:04Z")),
            ("Thu, 04 Sept 2025 01:21:01 GMT", Some("2025-09-04T01:21:01Z")),
            ("Mon, 04 Sep 2025 01:21:01 GMT", Some("2025-09-04T01:21:01Z")),
            ("Fri, 02 Jan 2026 20:34:56.456 GMT", Some("2026-01-02T20:34:56.456Z")),
            ("Fri, 2 Jan 2026 20:34:56 +0100", Some("2026-01-02T19:34:56Z")),
            ("2 January 2026 20:34:56 UTC", Some("2026-01-02T20:34:56Z")),
            ("2026-01-02", None),
            ("Fri, 32 Jan 2026 20:34:56 GMT", None),
            ("Fri, 02 Xyz 2026 20:34:56 GMT", None),
            ("Friday, 02-Jan-26 20:34:56 GMT", None),
            ("yesterday", None),
            ("", None),
            ("GMT", None),
        ] {
            let parsed = Timestamp::parse_any(text).map(|time| time.to_string());
            assert_eq!(parsed.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn both_forms_of_a_reply_parse_to_the_same_second() {
        let listed = Timestamp::parse_iso8601("2013-05-24T00:00:00.123Z").unwrap();
        let header = Timestamp::parse_http_date("Fri, 24 May 2013 00:00:00 GMT").unwrap();
        assert_eq!(listed.unix_seconds(), header.unix_seconds());
        assert_eq!(header.amz_date(), "20130524T000000Z");
    }

    #[test]
    fn the_fast_path_agrees_with_the_general_parser() {
        let mut compared = 0;
        for year in [0, 1, 1600, 1900, 1970, 1999, 2000, 2023, 2024, 2100, 9999] {
            for month in 0..=13 {
                for day in 0..=32 {
                    for rest in ["00:00:00Z", "23:59:59.999Z", "12:34:56.078Z", "24:00:00Z"] {
                        let text = format!("{year:04}-{month:02}-{day:02}T{rest}");
                        let general = text.parse().ok().map(Timestamp);
                        let fast = parse_canonical(text.as_bytes());
                        assert!(fast.is_none() || fast == general, "{text}: {fast:?}");
                        assert_eq!(Timestamp::parse_iso8601(&text), general, "{text}");
                        compared += usize::from(fast.is_some());
                    }
                }
            }
        }
        assert!(compared > 10_000, "{compared} took the fast path");
    }

    #[test]
    fn what_is_not_canonical_is_left_to_the_general_parser() {
        for text in ["2024-02-29T01:02:03.123456Z", "2024-02-29T01:02:03+01:00"] {
            assert_eq!(parse_canonical(text.as_bytes()), None, "{text}");
            assert!(Timestamp::parse_iso8601(text).is_some(), "{text}");
        }
        assert_eq!(parse_canonical(b"2024-02-29T01:02:60Z"), None);
    }

    #[test]
    fn nonsense_is_none() {
        for text in ["", "yesterday", "2013-05-24", "Fri, 99 May 2013 00:00:00 GMT"] {
            assert_eq!(Timestamp::parse_iso8601(text), None, "{text}");
            assert_eq!(Timestamp::parse_http_date(text), None, "{text}");
        }
    }
}
