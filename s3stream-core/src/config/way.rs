//! Ways to credentials: what stands in settings, variables and profiles about where they live.
//!
//! See "Standardized credential providers" in the AWS SDKs and Tools reference guide. Nothing is
//! fetched here: `providers` does that, with what is described here.

use std::fmt;
use std::path::PathBuf;

use crate::credentials::{Credentials, Secret};

/// Where credentials come from.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Keys that are known, as the source of a role; and where they stand.
    Keys(Credentials, String),
    WebIdentity(WebIdentity),
    Role(Box<Role>),
    Sso(Sso),
    Process(Process),
    Container(Container),
    Instance(Instance),
}

/// Where a Security Token Service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sts {
    pub(crate) url: String,
    pub(crate) region: String,
}

/// A token in a file, for which STS gives a role's keys: EKS' service accounts.
#[derive(Clone, Debug)]
pub(crate) struct WebIdentity {
    pub(crate) token_file: PathBuf,
    pub(crate) role_arn: String,
    pub(crate) session_name: String,
    pub(crate) sts: Sts,
}

/// A role that another identity assumes.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) by: Way,
    pub(crate) role_arn: String,
    pub(crate) session_name: String,
    pub(crate) external_id: Option<String>,
    /// Seconds that its keys live; STS's own default if absent.
    pub(crate) duration: Option<u32>,
    pub(crate) sts: Sts,
}

/// A token that `aws sso login` left.
#[derive(Clone, Debug)]
pub(crate) struct Sso {
    pub(crate) profile: String,
    pub(crate) token_file: PathBuf,
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) url: String,
}

/// A program that prints keys.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) profile: String,
    /// The program and its arguments, which may be secrets.
    pub(crate) words: Vec<Secret>,
}

/// A service beside a container: ECS, EKS pod identity, Greengrass.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) url: String,
    pub(crate) token: Option<Token>,
}

/// What is sent to a container's service as `Authorization`.
#[derive(Clone, Debug)]
pub(crate) enum Token {
    /// Read anew each time.
    File(PathBuf),
    Text(Secret),
}

/// The metadata service of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(crate) url: String,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What a person is told of where keys come from.
impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Keys(_, from) => f.write_str(from),
            Way::WebIdentity(it) => {
                write!(f, "web identity of {}", it.token_file.display())
            }
            Way::Role(role) => write!(f, "role {}, assumed by {}", role.role_arn, role.by),
            Way::Sso(sso) => write!(f, "single sign-on of profile '{}'", sso.profile),
            Way::Process(it) => write!(f, "credential_process of profile '{}'", it.profile),
            Way::Container(it) => write!(f, "the container's service at {}", it.url),
            Way::Instance(it) => write!(f, "the instance's service at {}", it.url),
        }
    }
}

/// The words of a command line as a POSIX shell splits them; no shell runs, so nothing is
/// expanded. `None` where a quote is not closed.
pub(crate) fn words(line: &str) -> Option<Vec<Secret>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => quoted(&mut characters, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(characters.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words.into_iter().map(Secret::new).collect())
}

/// Within double quotes a backslash escapes four characters and is itself before others.
fn quoted(characters: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match characters.next()? {
            '"' => return Some(()),
            '\\' => match characters.next()? {
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_splits_it() {
        let table: [(&str, Option<&[&str]>); 10] = [
            ("a b", Some(&["a", "b"])),
            ("  a   b ", Some(&["a", "b"])),
            ("/x/y --a 'b c' d", Some(&["/x/y", "--a", "b c", "d"])),
            (r#"a "b \"c\" \d" e"#, Some(&["a", "b \"c\" \\d", "e"])),
            (r"a\ b 'c\d'", Some(&["a b", r"c\d"])),
            ("a'b'\"c\"", Some(&["abc"])),
            ("a '' b", Some(&["a", "", "b"])),
            ("$HOME/x `y`", Some(&["$HOME/x", "`y`"])),
            ("a 'b", None),
            ("a \"b", None),
        ];
        for (line, wanted) in table {
            let found = words(line);
            let found = found.as_ref().map(|it| it.iter().map(Secret::expose).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), wanted, "{line}");
        }
    }

    #[test]
    fn the_words_of_a_command_are_not_shown() {
        let process =
            Process { profile: "p".into(), words: words("/bin/x --password hunter2").unwrap() };
        let way = Way::Process(process);
        assert!(!format!("{way:?} {way}").contains("hunter2"));
    }
}
