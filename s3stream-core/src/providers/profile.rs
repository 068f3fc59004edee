//! The configuration and credentials files of the AWS tools.
//!
//! See "Configuration and credential file settings" in the AWS SDKs and Tools reference
//! guide: `[default]` and `[profile x]` in the one, `[x]` in the other, `[services x]`, and
//! values nested by indentation under `s3 =`.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Surroundings;
use crate::credentials::Credentials;
use crate::error::{Error, Result};

/// One profile, put together from both files.
#[derive(Clone, Default)]
pub(crate) struct Profile {
    name: String,
    config: Section,
    credentials: Section,
    services: Section,
}

/// Values may be secrets: they are wiped when dropped.
type Section = BTreeMap<String, Zeroizing<String>>;

/// What a profile would need that we do not do; named, so that nobody wonders.
const UNSUPPORTED: [&str; 6] = [
    "role_arn",
    "credential_process",
    "sso_session",
    "sso_account_id",
    "web_identity_token_file",
    "credential_source",
];

impl Profile {
    /// Reads the profile that is asked for: by setting, by `AWS_PROFILE`, or `default`.
    pub(crate) fn load(asked: Option<&str>, surroundings: &Surroundings<'_>) -> Result<Self> {
        let asked = asked.map(str::to_owned).or_else(|| surroundings.variable("AWS_PROFILE"));
        let name = asked.clone().unwrap_or_else(|| "default".to_owned());
        let config = Sections::read("AWS_CONFIG_FILE", ".aws/config", surroundings)?;
        let credentials =
            Sections::read("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", surroundings)?;
        let of_config = match name.as_str() {
            "default" => config.get("profile default").or(config.get("default")),
            name => config.get(&format!("profile {name}")),
        };
        let of_credentials = credentials.get(&name);
        if asked.is_some() && of_config.is_none() && of_credentials.is_none() {
            return Err(Error::invalid(format!(
                "there is no profile '{name}' in the configuration or credentials file"
            )));
        }
        let of_config = of_config.cloned().unwrap_or_default();
        let services =
            of_config.get("services").and_then(|s| config.get(&format!("services {}", **s)));
        Ok(Profile {
            name,
            services: services.cloned().unwrap_or_default(),
            credentials: of_credentials.cloned().unwrap_or_default(),
            config: of_config,
        })
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        filled(self.config.get(name))
    }

    /// A value nested under `s3 =` of the profile.
    pub(crate) fn s3_value(&self, name: &str) -> Option<String> {
        self.value(&format!("s3.{name}"))
    }

    /// A value nested under `s3 =` of the services section that the profile names.
    pub(crate) fn service_value(&self, name: &str) -> Option<String> {
        filled(self.services.get(&format!("s3.{name}")))
    }

    /// The keys of the profile; those of the credentials file win, as with the AWS tools.
    pub(crate) fn credentials(&self) -> Result<Option<Credentials>> {
        let either = |name: &str| filled(self.credentials.get(name).or(self.config.get(name)));
        match (either("aws_access_key_id"), either("aws_secret_access_key")) {
            (Some(id), Some(secret)) => {
                Ok(Some(Credentials::new(id, secret, either("aws_session_token"))))
            }
            (None, None) => match UNSUPPORTED.iter().find(|name| either(name).is_some()) {
                Some(name) => Err(Error::invalid(format!(
                    "profile '{}' needs {name}, which s3stream does not do yet: use keys",
                    self.name
                ))),
                None => Ok(None),
            },
            (id, _) => Err(Error::invalid(format!(
                "profile '{}' has only one of aws_access_key_id and aws_secret_access_key: {} is missing",
                self.name,
                if id.is_some() { "aws_secret_access_key" } else { "aws_access_key_id" },
            ))),
        }
    }
}

fn filled(value: Option<&Zeroizing<String>>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(|value| String::clone(value))
}

/// The sections of one file.
#[derive(Default)]
pub(super) struct Sections(BTreeMap<String, Section>);

impl Sections {
    fn read(variable: &str, default: &str, surroundings: &Surroundings<'_>) -> Result<Self> {
        let path = match surroundings.variable(variable) {
            Some(path) => match path.strip_prefix("~/") {
                Some(rest) => surroundings.home().join(rest),
                None => path.into(),
            },
            None => surroundings.home().join(default),
        };
        let text = (surroundings.file)(&path)
            .map_err(|error| Error::invalid(format!("cannot read {}: {error}", path.display())))?;
        let parsed = parse(&Zeroizing::new(text.unwrap_or_default()));
        // The line itself may hold a secret: only its number is told.
        parsed.map_err(|line| {
            Error::invalid(format!("{}: line {line} is not 'name = value'", path.display()))
        })
    }

    fn get(&self, name: &str) -> Option<&Section> {
        self.0.get(name)
    }
}

/// Parses a file; the error is the number of the line that is none.
pub(super) fn parse(text: &str) -> Result<Sections, usize> {
    let mut sections = Sections::default();
    let mut section: Option<&mut Section> = None;
    let mut parent: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = without_comment(line);
        if trimmed.is_empty() {
            continue;
        }
        if let Some(header) = trimmed.strip_prefix('[') {
            let name = header.strip_suffix(']').ok_or(index + 1)?;
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            section = Some(sections.0.entry(name).or_default());
            parent = None;
            continue;
        }
        let is_nested = line.starts_with([' ', '\t']) && parent.is_some();
        let Some((name, value)) = trimmed.split_once('=') else {
            // A continued value, which none of ours has, is no reason to fail.
            if is_nested { continue } else { return Err(index + 1) }
        };
        let (name, value) =
            (name.trim().to_ascii_lowercase(), Zeroizing::new(value.trim().to_owned()));
        let Some(section) = section.as_deref_mut() else { return Err(index + 1) };
        if is_nested {
            let parent = parent.as_deref().unwrap_or_default();
            section.insert(format!("{parent}.{name}"), value);
        } else {
            parent = Some(name.clone());
            section.insert(name, value);
        }
    }
    Ok(sections)
}

/// A line without blanks and comment: `#` and `;` begin one at the start or after a blank.
fn without_comment(line: &str) -> &str {
    let trimmed = line.trim();
    if trimmed.starts_with(['#', ';']) {
        return "";
    }
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| trimmed.find(mark)).min();
    trimmed[..end.unwrap_or(trimmed.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_the_aws_tools_read_them() {
        let text = "# comment\n[default]\nRegion = eu-1 ; why\nkey=a=b#c\n\n[ profile  x ]\n\
                    s3 =\n  addressing_style = path\n\tother=1\nlast = 2\n";
        let sections = parse(text).unwrap();
        let get = |section: &str, name: &str| filled(sections.get(section).unwrap().get(name));
        assert_eq!(get("default", "region").as_deref(), Some("eu-1"));
        assert_eq!(get("default", "key").as_deref(), Some("a=b#c"));
        assert_eq!(get("profile x", "s3.addressing_style").as_deref(), Some("path"));
        assert_eq!(get("profile x", "s3.other").as_deref(), Some("1"));
        assert_eq!(get("profile x", "last").as_deref(), Some("2"));
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_number() {
        assert_eq!(parse("[a]\nnonsense\n").err(), Some(2));
        assert_eq!(parse("[a\n").err(), Some(1));
        assert_eq!(parse("a = b\n").err(), Some(1));
    }
}
