//! Where to read from.

use std::fmt;
use std::str::FromStr;

use s3stream_core::blocking::Client;
use s3stream_core::{ClientBuilder, ListOptions, RequireProof, Result};

use crate::arguments::BackupArguments;

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
        write!(f, "s3://{}/{}", self.bucket, self.prefix.escape_debug())
    }
}

/// The client that the command line asks for.
pub(crate) fn client(arguments: &BackupArguments, builder: ClientBuilder) -> Result<Client> {
    let mut builder = builder;
    if let Some(url) = &arguments.endpoint_url {
        builder = builder.endpoint_url(url);
    }
    if let Some(profile) = &arguments.profile {
        builder = builder.profile(profile);
    }
    if arguments.anonymous {
        builder = builder.anonymous(true);
    }
    for (name, value) in &arguments.set {
        builder = builder.set(name, value);
    }
    builder.build_blocking()
}

/// Whether to say what no digest proves, as the command line has it.
pub(crate) fn wants_warning(arguments: &BackupArguments) -> bool {
    let set = arguments.set.iter().rev().find(|(name, _)| name == "require_proof");
    // Of any other value the client has made sure.
    set.is_none_or(|(_, value)| value.parse() != Ok(RequireProof::No))
}

/// What is to be listed.
pub(crate) fn selection(arguments: &BackupArguments, source: &Source) -> ListOptions {
    let mut options = ListOptions::new().prefix(&source.prefix).prove_end(true);
    if let Some(key) = &arguments.start_after {
        options = options.start_after(key);
    }
    if let Some(key) = &arguments.end_at {
        options = options.end_at(key);
    }
    options
}

/// The URL of the service as the command line or the environment has it, without a password.
pub(crate) fn endpoint(arguments: &BackupArguments) -> Option<String> {
    let set = arguments.set.iter().rev().find(|(name, _)| name == "endpoint_url");
    let set = set.map(|(_, url)| url.clone());
    let variable = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
    let url = set
        .or_else(|| arguments.endpoint_url.clone())
        .or_else(|| variable("AWS_ENDPOINT_URL_S3"))
        .or_else(|| variable("AWS_ENDPOINT_URL"))?;
    Some(match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => url,
    })
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

    #[test]
    fn what_is_not_proven_is_said_unless_nobody_wants_to_hear_it() {
        for (set, expected) in [
            (&[][..], true),
            (&["yes"], true),
            (&["no"], false),
            (&["warn", "no"], false),
            (&["no", "warn"], true),
        ] {
            let set = set.iter().map(|value| ("require_proof".to_owned(), (*value).to_owned()));
            let arguments = BackupArguments { set: set.collect(), ..BackupArguments::default() };
            assert_eq!(wants_warning(&arguments), expected, "{:?}", arguments.set);
        }
    }

    #[test]
    fn an_endpoint_is_shown_without_its_password() {
        let arguments = BackupArguments {
            endpoint_url: Some("http://user:secret@host:1".to_owned()),
            ..BackupArguments::default()
        };
        assert_eq!(endpoint(&arguments).as_deref(), Some("http://host:1"));
    }
}
