//! Secrets: never shown by `Debug`, wiped when dropped.

use std::fmt;

use zeroize::Zeroizing;

use crate::time::Timestamp;

/// A text that must not be seen: redacted in `Debug`, wiped from memory on drop.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"***\"")
    }
}

/// One set of access keys.
///
/// ```
/// use s3stream_core::Credentials;
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI", None);
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
    pub(crate) session_token: Option<Secret>,
    /// When they end; `None` for keys that do not.
    pub(crate) expires: Option<Timestamp>,
}

impl Credentials {
    /// Keys as AWS issues them: id, secret, and for temporary ones a session token.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        Credentials {
            access_key_id: access_key_id.into(),
            secret_access_key: Secret::new(secret_access_key),
            session_token: session_token.map(Secret::new),
            expires: None,
        }
    }

    /// The same, which end at a time: they are asked for anew before.
    ///
    /// ```
    /// use s3stream_core::{Credentials, Timestamp};
    /// let end = Timestamp::parse_iso8601("2026-12-01T12:00:00Z").unwrap();
    /// assert_eq!(Credentials::new("ID", "secret", None).ending(end).expires(), Some(end));
    /// ```
    pub fn ending(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// When they end; `None` for keys that do not.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The access key id, which is not a secret.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Replaces any secret that a server may have echoed in its error message.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let secrets = std::iter::once(&self.secret_access_key).chain(&self.session_token);
        for secret in secrets.map(Secret::expose).filter(|s| !s.is_empty()) {
            if text.contains(secret) {
                text = text.replace(secret, "***");
            }
        }
        text
    }
}

/// As whom a client signs its requests: see [`Client::caller`](crate::Client::caller).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// Where the keys come from, for a person to read.
    pub source: String,
    /// The access key id, which is not a secret; `None` if nothing is signed.
    pub access_key_id: Option<String>,
    /// When the keys end; `None` for those that do not.
    pub expires: Option<Timestamp>,
    /// Who that is, as STS says; `None` where there is none to ask, or none that says it.
    pub arn: Option<String>,
    /// Why STS did not say it, in one line, where it was asked.
    pub unanswered: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_an_echo_shows_a_secret() {
        let keys = Credentials::new("AKID", "s3cr3t", Some("t0ken".into()));
        let shown = format!("{keys:?}");
        assert!(shown.contains("AKID") && !shown.contains("s3cr3t") && !shown.contains("t0ken"));
        assert_eq!(keys.redact("got s3cr3t and t0ken"), "got *** and ***");
    }
}
