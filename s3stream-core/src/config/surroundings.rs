//! The world around a process, passed in so that tests can make it up.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Environment, files and the user's home.
pub(crate) struct Surroundings<'a> {
    /// What is not UTF-8 holds U+FFFD in its place.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file; `None` if there is no such file.
    pub(crate) file: &'a dyn Fn(&Path) -> std::io::Result<Option<String>>,
    /// The home that the user has in the password database, whatever `HOME` says.
    pub(crate) home: &'a dyn Fn() -> Option<PathBuf>,
}

impl Surroundings<'_> {
    /// A variable that is set and not blank: a blank one counts as absent everywhere.
    ///
    /// # Errors
    /// `InvalidInput` that names a variable which holds what none of ours can: a line break at
    /// its end, as `$(cat file)` in a unit file or a secret's file leave it. Its value, which may
    /// be a secret, is not repeated.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>> {
        let Some(value) = (self.variable)(name).filter(|value| !value.trim().is_empty()) else {
            return Ok(None);
        };
        let why = if value.contains('\u{FFFD}') {
            "is not UTF-8"
        } else if value.trim_end_matches(['\r', '\n']).chars().any(char::is_control) {
            "holds a control character"
        } else if value.ends_with(['\r', '\n']) {
            "ends with a line break"
        } else {
            return Ok(Some(value));
        };
        Err(Error::invalid(format!("the environment variable {name} {why}")))
    }

    /// The first of some variables that is set, with its name.
    pub(crate) fn first(&self, names: &[&'static str]) -> Result<Option<(&'static str, String)>> {
        for name in names {
            if let Some(value) = self.variable(name)? {
                return Ok(Some((name, value)));
            }
        }
        Ok(None)
    }

    /// A variable that is `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.variable(name)?.map(|value| flag(name, &value)).transpose()
    }

    /// The user's home. A daemon's unit may set no `HOME`; what stands in the working directory
    /// is never read instead, because anybody may have put it there.
    pub(crate) fn home(&self) -> Result<Option<PathBuf>> {
        let home = self.variable("HOME")?.map(PathBuf::from).filter(|home| home.is_absolute());
        Ok(home.or_else(self.home).filter(|home| home.is_absolute()))
    }
}

/// `true` or `false`, as the AWS tools write them; anything else is named, not taken for one.
pub(super) fn flag(name: &str, value: &str) -> Result<bool> {
    match value.trim() {
        value if value.eq_ignore_ascii_case("true") => Ok(true),
        value if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Error::invalid(format!("{name} is neither true nor false"))),
    }
}

#[cfg(test)]
#[path = "surroundings_tests.rs"]
mod tests;
