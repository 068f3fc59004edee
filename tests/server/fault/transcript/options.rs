//! `name=value` words and counts.

use std::fmt;
use std::time::Duration;

/// Named values in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(Vec<(String, String)>);

impl Options {
    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns the value of `name` as a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// Returns the value of `name`, in seconds, as a duration.
    pub fn seconds(&self, name: &str) -> Option<Duration> {
        seconds(self.get(name)?).ok()
    }

    /// Tells whether `actual` is what the COUNT `name` allows; everything is
    /// when there is no such count.
    pub fn allows(&self, name: &str, actual: u64) -> bool {
        self.get(name)
            .and_then(|text| Count::parse(text).ok())
            .is_none_or(|count| count.allows(actual))
    }

    /// Returns every name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn add(&mut self, name: &str, value: String) -> Result<(), String> {
        if self.get(name).is_some() {
            return Err(format!("{name:?} is given twice"));
        }
        self.0.push((name.to_owned(), value));
        Ok(())
    }
}

impl fmt::Display for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> =
            self.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        formatter.write_str(&words.join(" "))
    }
}

/// How often something may happen: `3`, `1..3` with both ends, or `1..`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// At least so often.
    pub least: u64,
    /// At most so often.
    pub most: u64,
}

impl Count {
    /// Exactly once.
    pub const ONCE: Self = Self { least: 1, most: 1 };

    /// Reads a count.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse::<u64>().map_err(|_| format!("{text:?} is not a count like 3, 1..3 or 1.."))
        };
        let count = match text.split_once("..") {
            None => Self { least: number(text)?, most: number(text)? },
            Some((least, "")) => Self { least: number(least)?, most: u64::MAX },
            Some((least, most)) => Self { least: number(least)?, most: number(most)? },
        };
        match count.least <= count.most {
            true => Ok(count),
            false => Err(format!("{text:?} is an empty range")),
        }
    }

    /// Tells whether `actual` is within the count.
    pub fn allows(self, actual: u64) -> bool {
        (self.least..=self.most).contains(&actual)
    }
}

/// Reads a decimal number of seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{text:?} is not a number of seconds"))
}

/// Decodes `%XX` in a value, because values are written without blanks.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let code = rest
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or_else(|| format!("% without two hexadecimal digits in {text:?}"))?;
        bytes.push(code);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).map_err(|_| format!("{text:?} is not UTF-8"))
}

fn encode(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '%' | ' ' => format!("%{:02X}", u32::from(character)),
            control if control.is_control() => format!("%{:02X}", u32::from(control)),
            other => other.to_string(),
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn counts_include_both_ends() {
        let allows = |text, actual| Count::parse(text).unwrap().allows(actual);
        assert!(allows("3", 3) && !allows("3", 2));
        assert!(allows("1..3", 3) && !allows("1..3", 0));
        assert!(allows("1..", 1000));
        assert!(Count::parse("x").is_err());
        assert!(Count::parse("3..1").is_err());
    }

    #[test]
    fn values_survive_being_written_and_read() {
        let mut options = Options::default();
        options.add("key", "a b%\n".to_owned()).unwrap();
        assert_eq!(options.to_string(), "key=a%20b%25%0A");
        assert_eq!(decode("a%20b%25%0A").as_deref(), Ok("a b%\n"));
        assert!(decode("a%2").is_err());
    }
}
