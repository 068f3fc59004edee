//! What is checked about a request.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::fault::content::{Algorithm, Content, hex};
use crate::fault::request::{ReceivedBody, ReceivedRequest};
use crate::fault::signature;

use super::options::seconds;
use super::piece::Piece;
use super::template::{Context, Template};

/// A line below `request` that says what the request must be like.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Has(String, Template),
    Sends(Sent),
    Lacks(String),
    Signed(String),
    Dated(i64),
    Anonymous,
    FreshSignature,
    NewConnection,
    SameConnection,
    Waited(Duration),
}

/// What a request's body must be.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    Nothing,
    /// These bytes; in a text `*` is any text.
    Piece(Piece),
    /// The document that completes an upload, with all of the object's parts in order.
    Parts,
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
            "sends" => Self::Sends(match rest {
                "nothing" => Sent::Nothing,
                "parts" => Sent::Parts,
                piece => Sent::Piece(Piece::parse(piece)?),
            }),
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
            Self::Sends(sent) => sent.compare(&request.body, context),
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

impl Sent {
    fn compare(&self, body: &ReceivedBody, context: &Context<'_>) -> Result<(), String> {
        let wanted = match self {
            Self::Nothing => Vec::new(),
            Self::Parts => return compare_parts(&body.text(), context.object),
            Self::Piece(Piece::Text(text)) => {
                let wanted = text.expand_text(context);
                return match fits(&wanted, &body.text()) {
                    true => Ok(()),
                    false => Err(format!("expected the body {wanted:?}, got {:?}", body.text())),
                };
            }
            Self::Piece(piece) => piece.bytes(context),
        };
        // What was read may be only the beginning of it.
        let wanted = match body.is_whole() {
            true => &wanted[..],
            false => &wanted[..wanted.len().min(usize::try_from(body.length).unwrap_or(0))],
        };
        match body.length == wanted.len() as u64 && body.sha256 == sha256(wanted) {
            true => Ok(()),
            false => Err(format!(
                "the body of {} bytes is not the expected one of {}",
                body.length,
                wanted.len()
            )),
        }
    }
}

/// Compares the document of a CompleteMultipartUpload with the object's parts.
fn compare_parts(document: &str, object: &Content) -> Result<(), String> {
    let texts = |name: &str| -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let ends = document.split(&*open).skip(1).filter_map(|rest| rest.split(&*close).next());
        ends.map(|text| text.replace("&quot;", "\"").trim_matches('"').to_owned()).collect()
    };
    let count = object.part_count();
    let numbers: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
    let etags: Vec<String> = (0..count)
        .map(|index| {
            let start = index * object.part_size;
            hex(&Md5::digest(object.slice(start..start + object.part_size)))
        })
        .collect();
    match texts("PartNumber") == numbers && texts("ETag") == etags {
        true => Ok(()),
        false => Err(format!("the document does not list the {count} parts: {document:?}")),
    }
}

/// What a proper server checks unasked: every digest that the request names.
fn digest_failures(request: &ReceivedRequest, object: &Content) -> Vec<String> {
    let body = &request.body;
    let mut failures = Vec::new();
    if request.method == "PUT" && body.announced.is_none() {
        failures.push("a PUT without a length, which is 411".to_owned());
    }
    if !body.is_whole() {
        return failures;
    }
    let mut compare = |name: &str, computed: &str| {
        if let Some(stated) = request.header(name)
            && stated != computed
        {
            failures.push(format!("{name} is {stated}, and {computed} of what came"));
        }
    };
    if request.header("x-amz-content-sha256").is_some_and(|stated| stated.len() == 64) {
        let empty = sha256(b"");
        let computed = if body.length == 0 { &empty } else { &body.sha256 };
        compare("x-amz-content-sha256", computed);
    }
    let md5 = STANDARD.encode(unhex(&body.md5));
    compare("content-md5", &md5);
    // Of the object, where an upload is completed; else of the body.
    let completes = request.method == "POST" && request.query().contains("uploadId=");
    if completes {
        compare("x-amz-checksum-crc64nvme", &object.checksum(Algorithm::Crc64Nvme));
        compare("x-amz-mp-object-size", &object.size.to_string());
    } else {
        compare("x-amz-checksum-crc64nvme", &body.crc64nvme);
    }
    failures
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| text.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    (0..text.len()).step_by(2).filter_map(digits).collect()
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
    failures.extend(digest_failures(request, context.object));
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
