//! Where credentials come from: explicit settings, the environment, profile files.
//!
//! A [`Provider`] is the seam for sources that need a request of their own (web identity,
//! container and instance metadata, a process): each becomes a variant here.

mod profile;

use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::credentials::Credentials;
use crate::error::{Error, Result};

pub(crate) use profile::Profile;

/// The world around a process, passed in so that tests can make it up.
pub(crate) struct Surroundings<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file; `None` if there is no such file.
    pub(crate) file: &'a dyn Fn(&Path) -> std::io::Result<Option<String>>,
}

impl Surroundings<'_> {
    /// A variable that is set and not empty: an empty one counts as absent everywhere.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn home(&self) -> PathBuf {
        self.variable("HOME").unwrap_or_default().into()
    }
}

/// A source of credentials.
#[derive(Clone, Debug)]
pub(crate) enum Provider {
    /// Keys that stay as they are.
    Static(Credentials),
    /// No signature at all.
    Anonymous,
}

impl Provider {
    /// Chooses: explicit keys, an explicit profile, the environment, the default profile.
    pub(crate) fn choose(
        settings: &Settings,
        surroundings: &Surroundings<'_>,
        profile: &Profile,
    ) -> Result<Self> {
        if settings.anonymous == Some(true) {
            return Ok(Provider::Anonymous);
        }
        if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
            return Ok(Provider::Static(Credentials {
                access_key_id: id.clone(),
                secret_access_key: secret.clone(),
                session_token: settings.session_token.clone(),
                expires: None,
            }));
        }
        if settings.profile.is_none()
            && let Some(credentials) = from_environment(surroundings)?
        {
            return Ok(Provider::Static(credentials));
        }
        match profile.credentials()? {
            Some(credentials) => Ok(Provider::Static(credentials)),
            None => Err(Error::invalid(
                "no credentials: set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY, or a profile, or anonymous=true",
            )),
        }
    }
}

fn from_environment(surroundings: &Surroundings<'_>) -> Result<Option<Credentials>> {
    let id = surroundings.variable("AWS_ACCESS_KEY_ID");
    let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY");
    match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = surroundings.variable("AWS_SESSION_TOKEN");
            Ok(Some(Credentials::new(id, secret, token)))
        }
        (Some(_), None) => {
            Err(Error::invalid("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"))
        }
        (None, Some(_)) => {
            Err(Error::invalid("AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"))
        }
        (None, None) => Ok(None),
    }
}

/// Parses a profile file, for fuzzing.
#[cfg(fuzzing)]
pub(crate) fn parse_profile_file(text: &str) {
    let _ = profile::parse(text);
}
