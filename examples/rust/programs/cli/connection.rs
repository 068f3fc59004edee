//! Which server, with which keys and settings: the options that all programs share.

use std::fmt::Write as _;

use clap::Args;
use s3stream_core::blocking::Client;
use s3stream_core::{ClientBuilder, RequireProof, Result, SETTINGS};

/// Which server, with which keys and settings.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Connection {
    /// URL of the S3 service; as in the environment or profile if absent
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Profile of the AWS configuration files
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// Send no signature
    #[arg(long)]
    pub(crate) anonymous: bool,
    /// Set a setting of the client, as listed below; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
}

impl Connection {
    /// The client that the command line asks for.
    pub(crate) fn client(&self, builder: ClientBuilder) -> Result<Client> {
        let mut builder = builder;
        if let Some(url) = &self.endpoint_url {
            builder = builder.endpoint_url(url);
        }
        if let Some(profile) = &self.profile {
            builder = builder.profile(profile);
        }
        if self.anonymous {
            builder = builder.anonymous(true);
        }
        for (name, value) in &self.set {
            builder = builder.set(name, value);
        }
        builder.build_blocking()
    }

    /// Whether it says anything about where to.
    pub(crate) fn names_a_place(&self) -> bool {
        self.endpoint_url.is_some() || self.profile.is_some() || self.anonymous
    }

    /// Whether to say what no digest proves, as the command line has it.
    pub(crate) fn wants_warning(&self) -> bool {
        let set = self.set.iter().rev().find(|(name, _)| name == "require_proof");
        // Of any other value the client has made sure.
        set.is_none_or(|(_, value)| value.parse() != Ok(RequireProof::No))
    }

    /// The URL of the service as the command line or the environment has it, without a
    /// password.
    pub(crate) fn endpoint(&self) -> Option<String> {
        let set = self.set.iter().rev().find(|(name, _)| name == "endpoint_url");
        let set = set.map(|(_, url)| url.clone());
        let variable = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
        let url = set
            .or_else(|| self.endpoint_url.clone())
            .or_else(|| variable("AWS_ENDPOINT_URL_S3"))
            .or_else(|| variable("AWS_ENDPOINT_URL"))?;
        Some(match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
            _ => url,
        })
    }
}

/// The settings of the client as a help text.
pub(crate) fn settings() -> String {
    let mut text = String::from("Settings for --set:\n");
    for setting in SETTINGS {
        // Writing to a string does not fail.
        let _ = write!(text, "  {:<18} {}", setting.name, setting.help);
        if !setting.default.is_empty() {
            let _ = write!(text, " [{}]", setting.default);
        }
        text.push('\n');
    }
    text
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let connection = Connection { set: set.collect(), ..Connection::default() };
            assert_eq!(connection.wants_warning(), expected, "{:?}", connection.set);
        }
    }

    #[test]
    fn an_endpoint_is_shown_without_its_password() {
        let connection = Connection {
            endpoint_url: Some("http://user:secret@host:1".to_owned()),
            ..Connection::default()
        };
        assert_eq!(connection.endpoint().as_deref(), Some("http://host:1"));
    }
}
