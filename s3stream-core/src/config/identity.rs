//! As whom requests are signed: explicit keys, the environment's, a profile's, or nobody.

use super::chain::Chain;
use super::way::{Sts, Way};
use super::{Profile, Settings, Surroundings};
use crate::credentials::{Credentials, Secret};
use crate::error::{Error, Result};

/// As whom requests are signed.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// Keys that stay as they are, and where they stand.
    Static(Credentials, String),
    /// Keys that have to be fetched, and again before they end.
    Fetched(Way),
    /// Nobody: no signature at all.
    Anonymous,
}

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
            let names = "access_key_id, secret_access_key or session_token";
            return fitting(names, "settings", keys).map(Some);
        }
        if settings.profile.is_some() {
            return Ok(None);
        }
        match from_environment(surroundings)? {
            Some(keys) => {
                let names = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN";
                fitting(names, "the environment", keys).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The profile's, or of what programs around us have set up.
    ///
    /// # Errors
    /// `InvalidInput` that names the profile or variable at fault, or says where credentials may
    /// be set.
    pub(crate) fn of_profile(
        profile: &Profile,
        settings: &Settings,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self> {
        let chain = chain(settings, surroundings)?;
        match chain.way(profile)? {
            Some(Way::Keys(keys, from)) => fitting(&format!("a key of {from}"), &from, keys),
            Some(way) if cfg!(feature = "credentials") => Ok(Identity::Fetched(way)),
            Some(way) => Err(Error::invalid(format!(
                "no credentials: {way} needs this library's feature 'credentials', which was left \
                 out; set access_key_id and secret_access_key"
            ))),
            None => Err(Error::invalid(NOWHERE)),
        }
    }
}

/// The STS that may be asked whose keys they are; `None` where nobody has said which.
///
/// # Errors
/// `InvalidInput` that names the variable or profile at fault.
pub(crate) fn known_sts(
    profile: &Profile,
    settings: &Settings,
    surroundings: &Surroundings<'_>,
    is_aws: bool,
) -> Result<Option<Sts>> {
    chain(settings, surroundings)?.known_sts(profile, is_aws)
}

fn chain<'a>(settings: &Settings, surroundings: &'a Surroundings<'a>) -> Result<Chain<'a>> {
    let region = match &settings.region {
        Some(region) => Some(region.clone()),
        None => surroundings.first(&["AWS_REGION", "AWS_DEFAULT_REGION"])?.map(|(_, it)| it),
    };
    // Only where a profile asks for them: half of a pair must not stop another.
    let environment = from_environment(surroundings).ok().flatten();
    Ok(Chain { surroundings, region, environment })
}

/// Where credentials may be set.
pub(crate) const NOWHERE: &str = "no credentials: set access_key_id and secret_access_key, or \
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or anonymous=true";

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

fn fitting(name: &str, from: &str, keys: Credentials) -> Result<Identity> {
    check_keys(name, &keys)?;
    Ok(Identity::Static(keys, from.to_owned()))
}

/// Whether keys can be sent; a blank around one is a slip of copying, and no server's word would
/// say so.
///
/// # Errors
/// `InvalidInput` that names them as `name`, and repeats none.
pub(crate) fn check_keys(name: &str, keys: &Credentials) -> Result<()> {
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
    Ok(())
}
