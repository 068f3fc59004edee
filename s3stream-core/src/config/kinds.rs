//! The kinds of settings: what each takes, typed or as text, and the one check of both.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{CustomerKey, Payer, Proxy, ProxyUrl};
use crate::credentials::Secret;
use crate::proto::endpoint::Endpoint;
use crate::proto::service::AddressingStyle;
use crate::verdict::{Integrity, RequireProof};

/// What the text of a setting is, for whoever makes help, types or forms of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingKind {
    /// Any text.
    Text,
    /// Text that is shown nowhere.
    Secret,
    /// The path of a file.
    Path,
    /// `true` or `false`.
    Flag,
    /// Seconds, with or without a fraction.
    Seconds,
    /// A whole number.
    Count,
    /// Bytes: a whole number, or one with a unit of 1024, such as `64M`.
    Bytes,
    /// One of these words.
    Words(&'static [&'static str]),
}

/// A kind of setting, and how its text is read.
pub(crate) trait Kind {
    const KIND: SettingKind;
    /// What is kept of it.
    type Value;
    /// Reads and checks a text; the error does not repeat a secret.
    fn read(text: &str) -> Result<Self::Value, String>;
}

/// A kind whose typed setter takes a `T`; what it refuses, its text is refused for too.
pub(crate) trait Check<T>: Kind {
    fn check(value: T) -> Result<Self::Value, String>;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $shape:expr, $value:ty, |$text:ident| $read:expr;)*) => {
        $($(#[$doc])*
        pub(crate) enum $kind {}

        impl Kind for $kind {
            const KIND: SettingKind = $shape;
            type Value = $value;
            fn read($text: &str) -> Result<$value, String> {
                $read
            }
        })*
    };
}

/// What is said in the same texts, typed or not.
macro_rules! spoken {
    ($($kind:ident),*) => {
        $(impl Check<&str> for $kind {
            fn check(value: &str) -> Result<Self::Value, String> {
                Self::read(value)
            }
        })*
    };
}

/// What every value of its type is good for.
macro_rules! unchecked {
    ($($kind:ident: $value:ty),*) => {
        $(impl Check<$value> for $kind {
            fn check(value: $value) -> Result<$value, String> {
                Ok(value)
            }
        })*
    };
}

kinds! {
    /// Where a service is.
    Url: SettingKind::Text, Endpoint, |text| Endpoint::parse(text);
    /// A word or name.
    Filled: SettingKind::Text, String, |text| filled(text);
    /// A secret is never repeated in a message.
    Hidden: SettingKind::Secret, Secret, |text| filled(text).map(Secret::new);
    /// A file, which is opened later.
    File: SettingKind::Path, PathBuf, |text| {
        filled(text)?;
        File::check(text)
    };
    /// Yes or no.
    Flag: SettingKind::Flag, bool, |text| boolean(text);
    /// How a bucket is addressed.
    Style: SettingKind::Words(&["auto", "path", "virtual"]), AddressingStyle, |text| text.parse();
    /// A proxy, or none.
    Relay: SettingKind::Text, Proxy, |text| Ok(match text {
        "" | "none" => Proxy::None,
        text => Proxy::Url(ProxyUrl::parse(text)?),
    });
    /// A time above zero: a timeout of zero would let nothing through.
    Timeout: SettingKind::Seconds, Duration, |text| Timeout::check(seconds(text)?);
    /// A time to wait.
    Pause: SettingKind::Seconds, Duration, |text| Pause::check(seconds(text)?);
    /// How often at most.
    Attempts: SettingKind::Count, u32, |text| {
        let number = text.trim().parse().map_err(|_| format!("'{text}' is {NO_COUNT}"))?;
        Attempts::check(number)
    };
    /// Bytes of buffers: with fewer nothing moves.
    Buffer: SettingKind::Bytes, u64, |text| Buffer::check(bytes(text)?);
    /// How much proof is asked for.
    Proof: SettingKind::Words(&["full", "cheap", "length"]), Integrity, |text| text.parse();
    /// What becomes of the unproven.
    Requirement: SettingKind::Words(&["yes", "warn", "no"]), RequireProof, |text| text.parse();
    /// What a client calls itself.
    Agent: SettingKind::Text, String, |text| {
        if text.is_ascii() { filled(text) } else { Err("must be ASCII".to_owned()) }
    };
    /// Who pays.
    Paying: SettingKind::Words(&["requester"]), Payer, |text| match text {
        "requester" => Ok(Payer::Requester),
        _ => Err("must be 'requester'".to_owned()),
    };
    /// A customer's key.
    Key: SettingKind::Secret, CustomerKey, |text| CustomerKey::parse(text);
}

spoken!(Url, Filled, Hidden, Relay, Agent, Paying, Key);
unchecked!(Flag: bool, Style: AddressingStyle, Proof: Integrity, Requirement: RequireProof);

impl<T: AsRef<Path>> Check<T> for File {
    fn check(path: T) -> Result<PathBuf, String> {
        let path = path.as_ref();
        if path.as_os_str().is_empty() {
            return Err("must not be empty".to_owned());
        }
        Ok(path.to_owned())
    }
}

impl Check<Duration> for Timeout {
    fn check(duration: Duration) -> Result<Duration, String> {
        if duration.is_zero() {
            return Err("must be above 0 seconds".to_owned());
        }
        Pause::check(duration)
    }
}

impl Check<Duration> for Pause {
    fn check(duration: Duration) -> Result<Duration, String> {
        if duration <= LONGEST {
            return Ok(duration);
        }
        Err(format!("must be between 0 and {} seconds", LONGEST.as_secs()))
    }
}

impl Check<u32> for Attempts {
    fn check(number: u32) -> Result<u32, String> {
        match number {
            1..=1_000 => Ok(number),
            _ => Err(format!("{number} is {NO_COUNT}")),
        }
    }
}

impl Check<u64> for Buffer {
    fn check(bytes: u64) -> Result<u64, String> {
        if bytes >= SMALLEST {
            return Ok(bytes);
        }
        Err(format!("must be a number of bytes, {SMALLEST} at least"))
    }
}

/// No wait is longer than this.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

const SMALLEST: u64 = 256 * 1024;

const NO_COUNT: &str = "no number from 1 to 1000";

fn filled(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("must not be empty or hold control characters".to_owned());
    }
    Ok(text.to_owned())
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("'{text}' is not true or false")),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.trim().parse().map_err(|_| format!("'{text}' is not seconds"))?;
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| format!("'{text}' is not between 0 and {} seconds", LONGEST.as_secs()))
}

/// `4096`, `64M`, `1GiB`: units are powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is no number of bytes, such as 1048576, 64M or 1G");
    let trimmed = text.trim();
    let digits = trimmed.trim_end_matches(|character: char| !character.is_ascii_digit());
    let unit = trimmed[digits.len()..].trim_start().to_ascii_uppercase();
    let shift = match unit.as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_1024() {
        for (text, expected) in [
            ("262144", 262_144),
            (" 67108864 ", 64 << 20),
            ("64M", 64 << 20),
            ("64 MiB", 64 << 20),
            ("1g", 1 << 30),
            ("512kB", 512 << 10),
        ] {
            assert_eq!(Buffer::read(text).unwrap(), expected, "{text}");
        }
        for wrong in ["", "M", "-1", "1.5M", "64X", "99999999999T", "0x100000", "6_000_000"] {
            let error = Buffer::read(wrong).unwrap_err();
            assert!(error.contains("no number of bytes"), "{error}");
        }
        assert!(Buffer::read("1K").unwrap_err().contains("at least"));
    }

    #[test]
    fn a_text_and_a_typed_value_are_refused_in_the_same_words() {
        assert_eq!(Timeout::read("0"), Timeout::check(Duration::ZERO));
        assert_eq!(Timeout::read("9999999"), Timeout::check(Duration::from_secs(9_999_999)));
        assert_eq!(Attempts::read("0"), Attempts::check(0));
        assert_eq!(Buffer::read("1"), Buffer::check(1));
        assert_eq!(File::check(""), Err("must not be empty".to_owned()));
    }
}
