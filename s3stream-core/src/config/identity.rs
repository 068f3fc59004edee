//! As whom requests are signed: explicit keys, the environment's, a profile's, or nobody.

use super::{Profile, Settings, Surroundings};
use crate::credentials::{Credentials, Secret};
use crate::error::{Error, Result};

/// As whom requests are signed.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// Keys that stay as they are.
    Static(Credentials),
    /// Nobody: no signature at all.
    Anonymous,
}

/// Ways to credentials that programs around us set up, by the variables that they set.
const NOT_YET: [&str; 3] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

impl Identity {
    /// What needs no profile: explicit keys, or the environment's where the caller named none.
    pub(crate) fn given(
        settings: &Settings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Option<Self>> {
        if settings.anonymous == Some(true) {
            return Ok(Some(Identity::Anonymous));
        }
        if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
            let keys = Credentials {
                access_key_id: id.clone(),
                secret_access_key: secret.clone(),
                session_token: settings.session_token.clone(),
                expires: None,
            };
            return fitting("access_key_id, secret_access_key or session_token", keys).map(Some);
        }
        if settings.profile.is_some() {
            return Ok(None);
        }
        match from_environment(surroundings)? {
            Some(keys) => {
                let names = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN";
                fitting(names, keys).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The profile's.
    ///
    /// # Errors
    /// `InvalidInput` that says where credentials may be set, and what is set that is not done
    /// yet.
    pub(crate) fn of_profile(profile: &Profile, surroundings: &Surroundings<'_>) -> Result<Self> {
        if let Some(keys) = profile.keys()? {
            return fitting(&format!("a key of profile '{}'", profile.name()), keys);
        }
        if let Some((name, _)) = surroundings.first(&NOT_YET)? {
            return Err(Error::invalid(format!(
                "no credentials: {name} is set, which s3stream does not do yet; set access_key_id \
                 and secret_access_key"
            )));
        }
        Err(Error::invalid(
            "no credentials: set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY, or a profile, or anonymous=true",
        ))
    }
}

fn from_environment(surroundings: &Surroundings<'_>) -> Result<Option<Credentials>> {
    let id = surroundings.variable("AWS_ACCESS_KEY_ID")?;
    let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY")?;
    match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = surroundings.first(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])?;
            Ok(Some(Credentials::new(id, secret, token.map(|(_, token)| token))))
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

/// Keys that can be sent; a blank around one is a slip of copying, and no server's word would
/// say so.
fn fitting(name: &str, keys: Credentials) -> Result<Identity> {
    let texts = [
        Some(keys.access_key_id.as_str()),
        Some(keys.secret_access_key.expose()),
        keys.session_token.as_ref().map(Secret::expose),
    ];
    let is_wrong =
        |text: &str| text.is_empty() || text.trim() != text || text.chars().any(char::is_control);
    if texts.into_iter().flatten().any(is_wrong) {
        return Err(Error::invalid(format!(
            "{name} is blank, has blanks around it or holds a control character"
        )));
    }
    Ok(Identity::Static(keys))
}
