//! One profile, put together from both files.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Surroundings;
use super::files::{self, Header, Kind, Section, Sections};
use crate::credentials::Credentials;
use crate::error::{Error, Result};

/// What both files say of a profile; the credentials file wins, as with the AWS tools.
#[derive(Clone, Default)]
pub(crate) struct Profile {
    name: String,
    config: Section,
    credentials: Section,
    /// `services = NAME`, and what stands there, if it is there.
    services: Option<(String, Option<Section>)>,
    /// `sso_session = NAME`, and what stands there, if it is there.
    sso_session: Option<(String, Option<Section>)>,
}

/// Which profile is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// By a setting or a variable: it must be there.
    Named(String),
    Default,
}

/// What a profile is read for, where nobody named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// For credentials too: a file that cannot be read is an error.
    All,
    /// For an endpoint and less: a file that is not for us to read counts as absent.
    Endpoint,
    /// For trifles: any file that cannot be read counts as absent.
    Rest,
}

/// What a section without effect must not hold, or it was meant to have one.
const MEANT: [&str; 9] = [
    "region",
    "endpoint_url",
    "services",
    "s3",
    "ca_bundle",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "role_arn",
    "sso_session",
];

/// Why a file says nothing.
enum Failed {
    /// The system's word.
    Unreadable(Error),
    /// It is not such a file.
    Malformed(Error),
}

impl Asked {
    /// By setting, `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`.
    pub(crate) fn of(setting: Option<&str>, surroundings: &Surroundings<'_>) -> Result<Self> {
        if let Some(name) = setting {
            return Ok(Asked::Named(name.to_owned()));
        }
        Ok(match surroundings.first(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])? {
            Some((_, name)) => Asked::Named(name),
            None => Asked::Default,
        })
    }
}

impl Profile {
    /// Reads the profile that is asked for.
    ///
    /// # Errors
    /// `InvalidInput` that names the file and line, or the profile that is not there.
    pub(crate) fn load(asked: &Asked, need: Need, surroundings: &Surroundings<'_>) -> Result<Self> {
        let read = |kind| match (read(kind, surroundings), asked, need) {
            (Ok(sections), ..) => Ok(sections),
            (Err(Failed::Unreadable(_)), Asked::Default, Need::Endpoint | Need::Rest)
            | (Err(Failed::Malformed(_)), Asked::Default, Need::Rest) => Ok(Sections::default()),
            (Err(Failed::Unreadable(error) | Failed::Malformed(error)), ..) => Err(error),
        };
        let (config, credentials) = (read(Kind::Config)?, read(Kind::Credentials)?);
        let name = match asked {
            Asked::Named(name) => name.as_str(),
            Asked::Default => "default",
        };
        let (of_config, of_credentials) = (config.profile(name), credentials.profile(name));
        if need == Need::All || matches!(asked, Asked::Named(_)) {
            check_misplaced(name, &config, &credentials)?;
        }
        if of_config.is_none() && of_credentials.is_none() && matches!(asked, Asked::Named(_)) {
            return Err(Error::invalid(format!(
                "there is no profile '{name}' in the configuration or credentials file"
            )));
        }
        let mut profile = Profile {
            name: name.to_owned(),
            config: of_config.cloned().unwrap_or_default(),
            credentials: of_credentials.cloned().unwrap_or_default(),
            services: None,
            sso_session: None,
        };
        profile.services = profile.value("services").map(|name| {
            let section = config.get(&Header::Services(name.clone())).cloned();
            (name, section)
        });
        profile.sso_session = profile.value("sso_session").map(|name| {
            let section = config.get(&Header::SsoSession(name.clone())).cloned();
            (name, section)
        });
        Ok(profile)
    }

    /// Reads a profile that another one names.
    ///
    /// # Errors
    /// As [`load`](Profile::load).
    pub(super) fn named(name: &str, surroundings: &Surroundings<'_>) -> Result<Self> {
        Profile::load(&Asked::Named(name.to_owned()), Need::All, surroundings)
    }

    /// What stands in the `[sso-session NAME]` that the profile names; `None` if it names none.
    ///
    /// # Errors
    /// `InvalidInput` where there is no such section.
    pub(super) fn sso_session(&self) -> Result<Option<&Section>> {
        match &self.sso_session {
            None => Ok(None),
            Some((_, Some(section))) => Ok(Some(section)),
            Some((name, None)) => Err(Error::invalid(format!(
                "profile '{}' names sso_session '{name}', but there is no [sso-session {name}]",
                self.name
            ))),
        }
    }

    /// The endpoint of a service that the profile's `services` name.
    ///
    /// # Errors
    /// `InvalidInput` where its services are nowhere.
    pub(super) fn service_endpoint(&self, service: &str) -> Result<Option<String>> {
        match &self.services {
            None => Ok(None),
            Some((_, Some(section))) => Ok(filled(section, &format!("{service}.endpoint_url"))),
            Some((name, None)) => Err(Error::invalid(format!(
                "profile '{}' names services '{name}', but there is no [services {name}]",
                self.name
            ))),
        }
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        filled(&self.credentials, name).or_else(|| filled(&self.config, name))
    }

    /// A value nested under `s3 =` of the profile.
    pub(crate) fn s3_value(&self, name: &str) -> Option<String> {
        self.value(&format!("s3.{name}"))
    }

    /// A value that is `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        let shown = || format!("{name} of profile '{}'", self.name);
        self.value(name).map(|value| super::surroundings::flag(&shown(), &value)).transpose()
    }

    /// The endpoint of S3 that the profile names, and where.
    ///
    /// # Errors
    /// `InvalidInput` where its services are nowhere: AWS was not meant.
    pub(crate) fn endpoint_url(&self) -> Result<Option<(&'static str, String)>> {
        if let Some((name, section)) = &self.services {
            let Some(section) = section else {
                return Err(Error::invalid(format!(
                    "profile '{}' names services '{name}', but there is no [services {name}]",
                    self.name
                )));
            };
            if let Some(url) = filled(section, "s3.endpoint_url") {
                return Ok(Some(("endpoint_url of services", url)));
            }
        }
        let url = self.s3_value("endpoint_url").or_else(|| self.value("endpoint_url"));
        Ok(url.map(|url| ("endpoint_url of the profile", url)))
    }

    /// The keys of the profile: one file's, because a key, its secret and its token belong
    /// together, and those of the credentials file first.
    ///
    /// # Errors
    /// `InvalidInput` for half of a pair.
    pub(crate) fn keys(&self) -> Result<Option<Credentials>> {
        match self.keys_of(&self.credentials)? {
            Some(keys) => Ok(Some(keys)),
            None => self.keys_of(&self.config),
        }
    }

    fn keys_of(&self, section: &Section) -> Result<Option<Credentials>> {
        let value = |name| filled(section, name);
        let token = || value("aws_session_token").or_else(|| value("aws_security_token"));
        match (value("aws_access_key_id"), value("aws_secret_access_key")) {
            (Some(id), Some(secret)) => Ok(Some(Credentials::new(id, secret, token()))),
            (None, None) => Ok(None),
            (id, _) => Err(Error::invalid(format!(
                "profile '{}' has only one of aws_access_key_id and aws_secret_access_key: {} is \
                 missing",
                self.name,
                if id.is_some() { "aws_secret_access_key" } else { "aws_access_key_id" },
            ))),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// A section that the AWS tools skip for its header, and that was meant for this profile.
fn check_misplaced(name: &str, config: &Sections, credentials: &Sections) -> Result<()> {
    let skipped = |sections: &Sections, header: String| {
        let section = sections.get(&Header::Other(header))?;
        section.keys().any(|name| MEANT.contains(&name.as_str())).then_some(())
    };
    let wrong = |has: String, file: &str, wanted: String| {
        Err(Error::invalid(format!("[{has}] in the {file} file is skipped: write [{wanted}]")))
    };
    let quoted = format!("profile \"{name}\"");
    let prefixed = format!("profile {name}");
    if config.profile(name).is_none() {
        let is_word = !name.contains(char::is_whitespace);
        let wanted = if is_word { &prefixed } else { &quoted };
        for has in [name.to_owned(), prefixed.clone()] {
            if skipped(config, has.clone()).is_some() {
                return wrong(has, "configuration", wanted.clone());
            }
        }
    }
    if credentials.profile(name).is_none()
        && credentials.get(&Header::Other(prefixed.clone())).is_some()
    {
        return wrong(prefixed, "credentials", name.to_owned());
    }
    Ok(())
}

fn filled(section: &Section, name: &str) -> Option<String> {
    section.get(name).filter(|value| !value.is_empty()).map(|value| String::clone(value))
}

fn read(kind: Kind, surroundings: &Surroundings<'_>) -> Result<Sections, Failed> {
    let Some(path) = path(kind, surroundings).map_err(Failed::Malformed)? else {
        return Ok(Sections::default());
    };
    let text = (surroundings.file)(&path).map_err(|error| {
        Failed::Unreadable(Error::invalid(format!("cannot read {}: {error}", path.display())))
    })?;
    // The line itself may hold a secret: only its number is told.
    files::parse(kind, &Zeroizing::new(text.unwrap_or_default())).map_err(|line| {
        let why = format!("{}: line {line} is not 'name = value' of a section", path.display());
        Failed::Malformed(Error::invalid(why))
    })
}

/// Where a file is; `None` where nobody has a home.
fn path(kind: Kind, surroundings: &Surroundings<'_>) -> Result<Option<PathBuf>> {
    let (variable, default) = match kind {
        Kind::Config => ("AWS_CONFIG_FILE", ".aws/config"),
        Kind::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    };
    let in_home = |rest: &str| Ok(surroundings.home()?.map(|home| home.join(rest)));
    match surroundings.variable(variable)? {
        None => in_home(default),
        Some(path) => match path.strip_prefix("~/") {
            Some(rest) => in_home(rest),
            None => Ok(Some(path.into())),
        },
    }
}
