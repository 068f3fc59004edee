//! Which keys of which bucket: `s3://bucket/prefix`.

use std::fmt;
use std::str::FromStr;

/// `s3://bucket/prefix`: the prefix is what keys begin with, not a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").ok_or("it must be s3://BUCKET/PREFIX")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err("the bucket's name is empty".to_owned());
        }
        Ok(Source { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, s3stream_core::shown(&self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_bucket_and_the_beginning_of_keys() {
        let source = |bucket: &str, prefix: &str| Source {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        for (text, expected) in [
            ("s3://b", source("b", "")),
            ("s3://b/", source("b", "")),
            ("s3://b/a/c", source("b", "a/c")),
            ("s3://b//a", source("b", "/a")),
        ] {
            assert_eq!(text.parse::<Source>().unwrap(), expected);
        }
        for text in ["b", "s3://", "s3:///a", "https://b/a"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}
