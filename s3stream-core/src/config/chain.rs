//! Which way to credentials is taken where no keys are given.
//!
//! The order: the profile (a role, web identity, single sign-on, a process, keys), web identity
//! of the environment, a container's service, the instance's. The first that is configured is
//! taken, and nothing behind it: a way that fails must not be replaced by another identity.

use std::path::PathBuf;

use sha1::{Digest as _, Sha1};

use super::way::{Container, Instance, Process, Role, Sso, Sts, Token, Way, WebIdentity, words};
use super::{Profile, Surroundings};
use crate::credentials::{Credentials, Secret};
use crate::error::{Error, Result};
use crate::proto::service::{sso_portal_url, sts_url};

const SESSION_NAME: &str = "s3stream";

/// What the way to credentials depends on besides profiles.
pub(super) struct Chain<'a> {
    pub(super) surroundings: &'a Surroundings<'a>,
    /// Explicit, or of the environment.
    pub(super) region: Option<String>,
    /// The environment's keys, which a profile may name as its source.
    pub(super) environment: Option<Credentials>,
}

impl Chain<'_> {
    /// The way that a profile and the environment describe; `None` where none is configured.
    ///
    /// # Errors
    /// `InvalidInput` that names the profile or variable at fault.
    pub(super) fn way(&self, profile: &Profile) -> Result<Option<Way>> {
        if let Some(way) = self.of_profile(profile, &mut Vec::new())? {
            return Ok(Some(way));
        }
        if let Some(way) = self.web_identity_of_environment(profile)? {
            return Ok(Some(way));
        }
        if let Some(way) = self.container()? {
            return Ok(Some(way));
        }
        self.instance(profile)
    }

    fn of_profile(&self, profile: &Profile, seen: &mut Vec<String>) -> Result<Option<Way>> {
        let name = profile.name().to_owned();
        if profile.value("role_arn").is_some() {
            return self.role(profile, seen).map(Some);
        }
        if profile.value("web_identity_token_file").is_some() {
            return Err(Error::invalid(format!(
                "profile '{name}' has web_identity_token_file but no role_arn"
            )));
        }
        if profile.value("source_profile").is_some() || profile.value("credential_source").is_some()
        {
            return Err(Error::invalid(format!(
                "profile '{name}' says whose credentials assume a role, but no role_arn"
            )));
        }
        if let Some(way) = self.sso(profile)? {
            return Ok(Some(way));
        }
        if profile.value("login_session").is_some() {
            return Err(Error::invalid(format!(
                "profile '{name}' has login_session, which only the AWS command line can use: use \
                 another profile"
            )));
        }
        if let Some(line) = profile.value("credential_process") {
            let words = words(&line).filter(|words| !words.is_empty()).ok_or_else(|| {
                Error::invalid(format!(
                    "credential_process of profile '{name}' is no command: a quote is not closed, \
                     or it is empty"
                ))
            })?;
            return Ok(Some(Way::Process(Process { profile: name, words })));
        }
        let keys = profile.keys()?;
        Ok(keys.map(|keys| Way::Keys(keys, format!("profile '{name}'"))))
    }

    fn role(&self, profile: &Profile, seen: &mut Vec<String>) -> Result<Way> {
        let name = profile.name();
        let role_arn = profile.value("role_arn").unwrap_or_default();
        if profile.value("mfa_serial").is_some() {
            return Err(Error::invalid(format!(
                "profile '{name}' has mfa_serial: nobody is there to type a code; use a role that \
                 needs none"
            )));
        }
        let session_name =
            profile.value("role_session_name").unwrap_or_else(|| SESSION_NAME.to_owned());
        let sts = self.sts(profile)?;
        if let Some(file) = profile.value("web_identity_token_file") {
            let token_file = PathBuf::from(file);
            return Ok(Way::WebIdentity(WebIdentity { token_file, role_arn, session_name, sts }));
        }
        let by = self.assumer(profile, seen)?;
        let duration = match profile.value("duration_seconds") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Error::invalid(format!("duration_seconds of profile '{name}' is no number"))
            })?),
        };
        let external_id = profile.value("external_id");
        let role = Role { by, role_arn, session_name, external_id, duration, sts };
        Ok(Way::Role(Box::new(role)))
    }

    /// Whose credentials assume the role of a profile.
    fn assumer(&self, profile: &Profile, seen: &mut Vec<String>) -> Result<Way> {
        let name = profile.name().to_owned();
        let wrong = |why: &str| Err(Error::invalid(format!("profile '{name}' {why}")));
        match (profile.value("source_profile"), profile.value("credential_source")) {
            (Some(_), Some(_)) => {
                wrong("has both source_profile and credential_source: leave one out")
            }
            (None, None) => wrong(
                "has role_arn, but neither source_profile nor credential_source says who assumes it",
            ),
            (Some(source), None) => self.source(profile, &source, seen),
            (None, Some(source)) => match source.as_str() {
                "Environment" => match &self.environment {
                    Some(keys) => Ok(Way::Keys(keys.clone(), "the environment".to_owned())),
                    None => wrong(
                        "has credential_source = Environment, but AWS_ACCESS_KEY_ID and \
                         AWS_SECRET_ACCESS_KEY are not set",
                    ),
                },
                "Ec2InstanceMetadata" => match self.instance(profile)? {
                    Some(way) => Ok(way),
                    None => wrong(
                        "has credential_source = Ec2InstanceMetadata, but \
                         AWS_EC2_METADATA_DISABLED is set",
                    ),
                },
                "EcsContainer" => match self.container()? {
                    Some(way) => Ok(way),
                    None => wrong(
                        "has credential_source = EcsContainer, but \
                         AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set",
                    ),
                },
                _ => wrong(
                    "has a credential_source that is none of Environment, Ec2InstanceMetadata and \
                     EcsContainer",
                ),
            },
        }
    }

    fn source(&self, profile: &Profile, source: &str, seen: &mut Vec<String>) -> Result<Way> {
        let name = profile.name();
        seen.push(name.to_owned());
        if source == name {
            // It assumes its role by keys of its own.
            return match profile.keys()? {
                Some(keys) => Ok(Way::Keys(keys, format!("profile '{name}'"))),
                None => Err(Error::invalid(format!(
                    "profile '{name}' is its own source_profile, but has no keys"
                ))),
            };
        }
        if seen.iter().any(|before| before == source) {
            seen.push(source.to_owned());
            let round = seen.join("' -> '");
            return Err(Error::invalid(format!(
                "the source_profile of these leads round in a circle: '{round}'"
            )));
        }
        let other = Profile::named(source, self.surroundings).map_err(|error| {
            Error::invalid(format!("source_profile of profile '{name}': {}", error.message()))
        })?;
        // Behind the first step keys win over a role: so it is with the AWS tools.
        if let Some(keys) = other.keys()? {
            return Ok(Way::Keys(keys, format!("profile '{source}'")));
        }
        match self.of_profile(&other, seen)? {
            Some(way) => Ok(way),
            None => Err(Error::invalid(format!(
                "profile '{source}', source_profile of '{name}', has no credentials"
            ))),
        }
    }

    fn web_identity_of_environment(&self, profile: &Profile) -> Result<Option<Way>> {
        let Some(file) = self.surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE")? else {
            return Ok(None);
        };
        let Some(role_arn) = self.surroundings.variable("AWS_ROLE_ARN")? else {
            return Err(Error::invalid(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not",
            ));
        };
        let session_name = self.surroundings.variable("AWS_ROLE_SESSION_NAME")?;
        Ok(Some(Way::WebIdentity(WebIdentity {
            token_file: file.into(),
            role_arn,
            session_name: session_name.unwrap_or_else(|| SESSION_NAME.to_owned()),
            sts: self.sts(profile)?,
        })))
    }

    fn container(&self) -> Result<Option<Way>> {
        let get = |name: &str| self.surroundings.variable(name);
        let url = if let Some(path) = get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")? {
            let path = path.trim_start_matches('/');
            format!("http://169.254.170.2/{path}")
        } else {
            match get("AWS_CONTAINER_CREDENTIALS_FULL_URI")? {
                Some(url) => url,
                None => return Ok(None),
            }
        };
        let token = match get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")? {
            Some(file) => Some(Token::File(file.into())),
            None => {
                get("AWS_CONTAINER_AUTHORIZATION_TOKEN")?.map(|text| Token::Text(Secret::new(text)))
            }
        };
        Ok(Some(Way::Container(Container { url, token })))
    }

    fn instance(&self, profile: &Profile) -> Result<Option<Way>> {
        let disabled = self.surroundings.variable("AWS_EC2_METADATA_DISABLED")?;
        if disabled.is_some_and(|it| it.trim().eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let said = |variable: &str, key: &str| -> Result<Option<String>> {
            Ok(self.surroundings.variable(variable)?.or_else(|| profile.value(key)))
        };
        let endpoint = said("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")?;
        let mode =
            said("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode")?;
        let url = match (endpoint, mode) {
            (Some(url), _) => url.trim_end_matches('/').to_owned(),
            (None, Some(mode)) if mode.eq_ignore_ascii_case("ipv6") => {
                "http://[fd00:ec2::254]".to_owned()
            }
            (None, Some(mode)) if !mode.eq_ignore_ascii_case("ipv4") => {
                return Err(Error::invalid(
                    "ec2_metadata_service_endpoint_mode is neither IPv4 nor IPv6",
                ));
            }
            (None, _) => "http://169.254.169.254".to_owned(),
        };
        Ok(Some(Way::Instance(Instance { url })))
    }

    fn sso(&self, profile: &Profile) -> Result<Option<Way>> {
        let name = profile.name().to_owned();
        let session = profile.value("sso_session");
        if session.is_none() && profile.value("sso_start_url").is_none() {
            return Ok(None);
        }
        let section = profile.sso_session()?;
        let value = |key: &str| match section.as_ref().and_then(|section| section.get(key)) {
            Some(value) => Some(value.to_string()),
            None => profile.value(key),
        };
        let needed = |key: &str| {
            value(key).ok_or_else(|| {
                Error::invalid(format!("profile '{name}' uses single sign-on, but has no {key}"))
            })
        };
        let start_url = needed("sso_start_url")?;
        let region = needed("sso_region")?;
        let (account, role) = (needed("sso_account_id")?, needed("sso_role_name")?);
        let Some(home) = self.surroundings.home()? else {
            return Err(Error::invalid("single sign-on needs a home directory, and there is none"));
        };
        let hash: [u8; 20] = Sha1::digest(session.unwrap_or(start_url)).into();
        let file: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let url = self.endpoint(profile, "AWS_ENDPOINT_URL_SSO", "sso")?;
        Ok(Some(Way::Sso(Sso {
            profile: name,
            token_file: home.join(".aws/sso/cache").join(format!("{file}.json")),
            account,
            role,
            url: url.unwrap_or_else(|| sso_portal_url(&region)),
        })))
    }

    /// The STS that would know keys of this service: AWS's for AWS, another only where somebody
    /// has said which, for keys go to nobody else.
    pub(super) fn known_sts(&self, profile: &Profile, is_aws: bool) -> Result<Option<Sts>> {
        let said = self.endpoint(profile, "AWS_ENDPOINT_URL_STS", "sts")?;
        if said.is_none() && !is_aws {
            return Ok(None);
        }
        self.sts(profile).map(Some)
    }

    fn sts(&self, profile: &Profile) -> Result<Sts> {
        let region = self.region.clone().or_else(|| profile.value("region"));
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let url = self.endpoint(profile, "AWS_ENDPOINT_URL_STS", "sts")?;
        Ok(Sts { url: url.unwrap_or_else(|| sts_url(&region)), region })
    }

    /// Where another service than S3 answers, if anybody says so: its own variable, the
    /// profile's `services`, then what holds for all services.
    fn endpoint(
        &self,
        profile: &Profile,
        variable: &'static str,
        service: &str,
    ) -> Result<Option<String>> {
        if self.surroundings.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? == Some(true) {
            return Ok(None);
        }
        let url = match self.surroundings.variable(variable)? {
            Some(url) => Some(url),
            None => match profile.service_endpoint(service)? {
                Some(url) => Some(url),
                None => match self.surroundings.variable("AWS_ENDPOINT_URL")? {
                    Some(url) => Some(url),
                    None => profile.value("endpoint_url"),
                },
            },
        };
        let Some(url) = url else { return Ok(None) };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Error::invalid(format!("the endpoint of {service} is not http(s)://host")));
        }
        Ok(Some(url.trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
