//! The configuration and credentials files of the AWS tools.
//!
//! See "Using shared config and credentials files to globally configure AWS SDKs and tools" in
//! the AWS SDKs and Tools reference guide: `[default]` and `[profile x]` in the one, `[x]` in
//! the other, `[services x]`, values nested by indentation under `s3 =`, values continued on
//! indented lines. Where the tools disagree, what one of them reads is read: names in quotes
//! (botocore), comments behind values (the other SDKs).

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// Values may be secrets: they are wiped when dropped. Those under `s3 =` are `s3.NAME`.
pub(super) type Section = BTreeMap<String, Zeroizing<String>>;

/// Which of the two files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Config,
    Credentials,
}

/// What a line in brackets begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Header {
    /// `[default]`; in the config file `[profile default]` wins over it.
    Default,
    Profile(String),
    Services(String),
    SsoSession(String),
    /// What the tools skip, as it stands there.
    Other(String),
}

/// The sections of one file.
#[derive(Debug, Default)]
pub(super) struct Sections(BTreeMap<Header, Section>);

impl Sections {
    pub(super) fn get(&self, header: &Header) -> Option<&Section> {
        self.0.get(header)
    }

    /// The section of a profile, as this kind of file has it.
    pub(super) fn profile(&self, name: &str) -> Option<&Section> {
        let prefixed = self.get(&Header::Profile(name.to_owned()));
        prefixed.or_else(|| self.get(&Header::Default).filter(|_| name == "default"))
    }
}

impl Header {
    fn parse(kind: Kind, text: &str) -> Self {
        let text = text.trim();
        if text == "default" {
            return Header::Default;
        }
        match kind {
            Kind::Credentials => match text.split_once(char::is_whitespace) {
                Some(("profile", _)) => Header::Other(text.to_owned()),
                _ if text.is_empty() => Header::Other(String::new()),
                _ => Header::Profile(text.to_owned()),
            },
            Kind::Config => {
                let split = text.split_once(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
                let word = split.map_or(text, |(word, _)| word);
                match (word, name(text[word.len()..].trim())) {
                    ("profile", Some(name)) => Header::Profile(name),
                    ("services", Some(name)) => Header::Services(name),
                    ("sso-session", Some(name)) => Header::SsoSession(name),
                    _ => Header::Other(text.to_owned()),
                }
            }
        }
    }
}

/// A name behind `profile`: one word, or anything in quotes.
fn name(text: &str) -> Option<String> {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            let name = rest.strip_suffix(quote)?;
            return (!name.is_empty() && !name.contains(quote)).then(|| name.to_owned());
        }
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/.%@:+".contains(c);
    (!text.is_empty() && text.chars().all(is_plain)).then(|| text.to_owned())
}

/// Where a value may go on.
struct Current {
    name: String,
    indentation: usize,
    /// Nothing stood behind its equals sign: what is indented below are values of their own.
    is_block: bool,
}

/// Parses a file; the error is the number of a line that is none.
pub(super) fn parse(kind: Kind, text: &str) -> Result<Sections, usize> {
    let mut sections = Sections::default();
    let mut section: Option<&mut Section> = None;
    let mut current: Option<Current> = None;
    // Editors on Windows put a byte order mark before the first line.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let number = index + 1;
        if let Some(header) = trimmed.strip_prefix('[') {
            let (header, _) = header.split_once(']').ok_or(number)?;
            section = Some(sections.0.entry(Header::parse(kind, header)).or_default());
            current = None;
            continue;
        }
        let section = section.as_deref_mut().ok_or(number)?;
        let indentation = line.len() - line.trim_start().len();
        match &current {
            Some(above) if indentation > above.indentation && above.is_block => {
                let (name, value) = assignment(trimmed).ok_or(number)?;
                section.insert(format!("{}.{name}", above.name), value);
            }
            Some(above) if indentation > above.indentation => {
                let value = section.entry(above.name.clone()).or_default();
                value.push('\n');
                value.push_str(trimmed);
            }
            _ => {
                let (name, value) = assignment(trimmed).ok_or(number)?;
                current =
                    Some(Current { name: name.clone(), indentation, is_block: value.is_empty() });
                // The last one counts, with what stands below it.
                let below = format!("{name}.");
                section.retain(|name, _| !name.starts_with(&below));
                section.insert(name, value);
            }
        }
    }
    Ok(sections)
}

/// `name = value`, a comment behind it taken off; names are the same in any case.
fn assignment(line: &str) -> Option<(String, Zeroizing<String>)> {
    let (name, value) = without_comment(line).split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    (!name.is_empty()).then(|| (name, Zeroizing::new(value.trim().to_owned())))
}

/// `#` and `;` begin a comment only after a blank: they may be part of a value.
fn without_comment(line: &str) -> &str {
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| line.find(mark)).min();
    line[..end.unwrap_or(line.len())].trim_end()
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
