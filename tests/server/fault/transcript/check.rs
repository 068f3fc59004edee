//! What is checked about a request.

use std::time::Duration;

use crate::fault::request::ReceivedRequest;
use crate::fault::signature;

use super::options::seconds;
use super::template::{Context, Template};

/// A line below `request` that says what the request must be like.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Has(String, Template),
    Lacks(String),
    Signed(String),
    Dated(i64),
    Anonymous,
    FreshSignature,
    NewConnection,
    SameConnection,
    Waited(Duration),
}

/// What was seen before a request.
#[derive(Debug, Default)]
pub(crate) struct History {
    connection: Option<u64>,
    at: Option<Duration>,
    signatures: Vec<String>,
}

impl History {
    /// Remembers a request after it was checked.
    pub(crate) fn add(&mut self, request: &ReceivedRequest) {
        self.connection = Some(request.connection);
        self.at = Some(request.at);
        self.signatures.extend(request.header("authorization").map(str::to_owned));
    }
}

impl Check {
    /// Reads a line, or returns `None` when `word` begins no check.
    pub(crate) fn parse(word: &str, rest: &str) -> Result<Option<Self>, String> {
        let bare = |check: Self| match rest {
            "" => Ok(check),
            rest => Err(format!("unexpected {rest:?}")),
        };
        Ok(Some(match word {
            "has" => {
                let (name, value) = rest.split_once(':').ok_or("expected has NAME: VALUE")?;
                Self::Has(name.to_ascii_lowercase(), Template::parse(value.trim())?)
            }
            "lacks" => Self::Lacks(rest.to_ascii_lowercase()),
            "signed" if !rest.is_empty() => Self::Signed(rest.to_owned()),
            "dated" => Self::Dated(
                rest.parse().map_err(|_| format!("{rest:?} is not a number of seconds"))?,
            ),
            "waited" => Self::Waited(seconds(rest)?),
            "anonymous" => bare(Self::Anonymous)?,
            "fresh-signature" => bare(Self::FreshSignature)?,
            "new-connection" => bare(Self::NewConnection)?,
            "same-connection" => bare(Self::SameConnection)?,
            _ => return Ok(None),
        }))
    }

    fn apply(
        &self,
        request: &ReceivedRequest,
        history: &History,
        context: &Context<'_>,
    ) -> Result<(), String> {
        let ensure = |holds: bool, message: String| match holds {
            true => Ok(()),
            false => Err(message),
        };
        match self {
            Self::Has(name, value) => {
                let wanted = value.expand_text(context);
                let got: Vec<&str> = request.header_values(name).collect();
                let holds = got.iter().any(|value| fits(&wanted, value));
                ensure(holds, format!("expected {name}: {wanted}, got {got:?}"))
            }
            Self::Lacks(name) => match request.header(name) {
                None => Ok(()),
                Some(value) => Err(format!("unexpected {name}: {value}")),
            },
            Self::Signed(_) | Self::Dated(_) => Ok(()),
            Self::Anonymous => ensure(
                request.header("authorization").is_none(),
                "an anonymous request is signed".to_owned(),
            ),
            Self::FreshSignature => ensure(
                request
                    .header("authorization")
                    .is_some_and(|value| !history.signatures.iter().any(|old| old == value)),
                "the signature was used before".to_owned(),
            ),
            Self::NewConnection => ensure(
                history.connection != Some(request.connection),
                "expected a new connection".to_owned(),
            ),
            Self::SameConnection => ensure(
                history.connection == Some(request.connection),
                "expected the connection of the request before".to_owned(),
            ),
            Self::Waited(least) => {
                let waited = request.at.saturating_sub(history.at.unwrap_or_default());
                ensure(
                    waited >= *least,
                    format!("came after {waited:?}, expected {least:?} or more"),
                )
            }
        }
    }
}

/// Applies every check, and verifies the signature for `region` unless a check
/// says otherwise; without a region the client is anonymous.
pub(crate) fn failures(
    checks: &[Check],
    request: &ReceivedRequest,
    history: &History,
    context: &Context<'_>,
    region: Option<&str>,
) -> Vec<String> {
    let mut failures: Vec<String> =
        checks.iter().filter_map(|check| check.apply(request, history, context).err()).collect();
    let mut region = region;
    let mut shift = 0;
    for check in checks {
        match check {
            Check::Signed(other) => region = Some(other),
            Check::Anonymous => region = None,
            Check::Dated(seconds) => shift = *seconds,
            _ => {}
        }
    }
    if let Some(region) = region {
        failures.extend(signature::verify(request, region, signature::now() + shift).err());
    }
    failures
}

/// Tells whether `text` is as `pattern`, where `*` is any text.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(index) => rest = &rest[index + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_fits_any_text() {
        assert!(fits("abc", "abc"));
        assert!(!fits("abc", "abcd"));
        assert!(fits("bytes=*-99", "bytes=12-99"));
        assert!(!fits("bytes=*-99", "bytes=12-98"));
        assert!(fits("*", ""));
        assert!(fits("a*b*c", "a1b2c"));
        assert!(!fits("a*b*c", "a1c"));
        assert!(!fits("ab*ab", "ab"));
    }
}
