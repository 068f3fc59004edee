//! Texts with placeholders, and texts in quotes.

use std::fmt;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use md5::{Digest, Md5};

use crate::fault::content::{Algorithm, Content, hex};
use crate::fault::request::{ReceivedRequest, RequestedRange};

/// What placeholders can refer to.
pub(crate) struct Context<'a> {
    pub(crate) object: &'a Content,
    pub(crate) other: &'a Content,
    pub(crate) request: Option<&'a ReceivedRequest>,
    pub(crate) endpoint_url: &'a str,
    pub(crate) body_size: usize,
}

impl Context<'_> {
    /// Returns the range that the request asks for, else the whole object.
    pub(crate) fn requested(&self) -> RequestedRange {
        let size = self.object.size;
        self.request
            .and_then(|request| request.range(size))
            .unwrap_or(RequestedRange { first: 0, last: size.saturating_sub(1) })
    }
}

/// A text with placeholders; all of them are known to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
    /// The text as it was written, for messages.
    source: String,
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Vec<u8>),
    Fact(Whose, Fact),
    First,
    Last,
    Length,
    BodySize,
    Now(i64),
    Endpoint,
    Port,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Object,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fact {
    Size,
    Etag,
    Md5,
    Checksum(Algorithm),
    MultipartEtag(u64),
    Composite(Algorithm, u64),
    /// MD5 in hexadecimal of some of its bytes.
    RangeMd5(u64, u64),
}

impl Template {
    /// Reads a text as it stands.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_bytes(text.as_bytes())
    }

    /// Reads a text in quotes with escapes.
    pub(crate) fn parse_quoted(text: &str) -> Result<Self, String> {
        let inner = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .ok_or_else(|| format!("expected a text in quotes, not {text:?}"))?;
        Self::parse_bytes(&unescape(inner)?)
    }

    /// Returns the text with everything filled in.
    pub(crate) fn expand(&self, context: &Context<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => bytes.extend_from_slice(literal),
                other => bytes.extend_from_slice(value(other, context).as_bytes()),
            }
        }
        bytes
    }

    /// Returns the text with everything filled in, where bytes that are not
    /// UTF-8 make no sense.
    pub(crate) fn expand_text(&self, context: &Context<'_>) -> String {
        String::from_utf8_lossy(&self.expand(context)).into_owned()
    }

    fn parse_bytes(text: &[u8]) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte != b'{' {
                literal.push(byte);
                continue;
            }
            if let Some(after) = rest.strip_prefix(b"{") {
                literal.push(b'{');
                rest = after;
                continue;
            }
            let end = rest
                .iter()
                .position(|&byte| byte == b'}')
                .ok_or("a { without its }; a brace alone is {{")?;
            parts.push(Part::Literal(std::mem::take(&mut literal)));
            parts.push(placeholder(&String::from_utf8_lossy(&rest[..end]))?);
            rest = &rest[end + 1..];
        }
        parts.push(Part::Literal(literal));
        Ok(Self { parts, source: String::from_utf8_lossy(text).into_owned() })
    }
}

fn placeholder(name: &str) -> Result<Part, String> {
    let part = match name {
        "first" => Part::First,
        "last" => Part::Last,
        "length" => Part::Length,
        "body_size" => Part::BodySize,
        "endpoint" => Part::Endpoint,
        "port" => Part::Port,
        "now" => Part::Now(0),
        _ => match name.strip_prefix("now") {
            Some(shift) => Part::Now(
                shift.parse().map_err(|_| format!("{{{name}}}: now+SECONDS or now-SECONDS"))?,
            ),
            None => fact(name).ok_or_else(|| format!("there is no placeholder {{{name}}}"))?,
        },
    };
    Ok(part)
}

fn fact(name: &str) -> Option<Part> {
    let (whose, name) = match name.strip_prefix("other.") {
        Some(name) => (Whose::Other, name),
        None => (Whose::Object, name),
    };
    let fact = match name {
        "size" => Fact::Size,
        "etag" => Fact::Etag,
        "md5" => Fact::Md5,
        _ => match name.split_once(':') {
            None => Fact::Checksum(Algorithm::by_name(name)?),
            Some(("md5", range)) => {
                let (first, end) = range.split_once("..")?;
                Fact::RangeMd5(first.parse().ok()?, end.parse().ok()?)
            }
            Some(("multipart_etag", part)) => Fact::MultipartEtag(part.parse().ok()?),
            Some((composite, part)) => Fact::Composite(
                Algorithm::by_name(composite.strip_prefix("composite_")?)?,
                part.parse().ok()?,
            ),
        },
    };
    Some(Part::Fact(whose, fact))
}

fn value(part: &Part, context: &Context<'_>) -> String {
    let range = context.requested();
    match part {
        Part::Literal(literal) => String::from_utf8_lossy(literal).into_owned(),
        Part::Fact(Whose::Object, fact) => fact_value(fact, context.object),
        Part::Fact(Whose::Other, fact) => fact_value(fact, context.other),
        Part::First => range.first.to_string(),
        Part::Last => range.last.to_string(),
        Part::Length => (range.last + 1).saturating_sub(range.first).to_string(),
        Part::BodySize => context.body_size.to_string(),
        Part::Now(shift) => http_date(*shift),
        Part::Endpoint => context.endpoint_url.to_owned(),
        Part::Port => context.endpoint_url.rsplit(':').next().unwrap_or_default().to_owned(),
    }
}

fn fact_value(fact: &Fact, content: &Content) -> String {
    match fact {
        Fact::Size => content.size.to_string(),
        Fact::Etag => content.etag().unwrap_or_default().to_owned(),
        Fact::Md5 => content.md5(),
        Fact::Checksum(algorithm) => content.checksum(*algorithm),
        Fact::MultipartEtag(part) => content.multipart_etag(*part),
        Fact::RangeMd5(first, end) => hex(&Md5::digest(content.slice(*first..*end))),
        Fact::Composite(algorithm, part) => content.composite_checksum(*algorithm, *part),
    }
}

fn http_date(shift: i64) -> String {
    let second = crate::fault::signature::now() + shift;
    Timestamp::from_second(second)
        .and_then(|time| DateTimePrinter::new().timestamp_to_rfc9110_string(&time))
        .unwrap_or_default()
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    let mut utf8 = [0; 4];
    while let Some(character) = rest.next() {
        if character != '\\' {
            bytes.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
            continue;
        }
        bytes.push(match rest.next() {
            Some('r') => b'\r',
            Some('n') => b'\n',
            Some('t') => b'\t',
            Some('0') => 0,
            Some('"') => b'"',
            Some('\\') => b'\\',
            Some('x') => {
                let digits: String = rest.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).map_err(|_| format!("bad escape \\x{digits}"))?
            }
            other => return Err(format!("bad escape \\{}", other.unwrap_or(' '))),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn expand(text: &str) -> String {
        let object = Content::new(10, 1);
        let other = Content::new(20, 2);
        Template::parse(text).unwrap().expand_text(&Context {
            object: &object,
            other: &other,
            request: None,
            endpoint_url: "http://127.0.0.1:99",
            body_size: 5,
        })
    }

    #[test]
    fn fills_in_placeholders() {
        assert_eq!(expand("{size}/{other.size}"), "10/20");
        assert_eq!(expand("{first}-{last} {length}"), "0-9 10");
        assert_eq!(expand("{{size} {port} {body_size}"), "{size} 99 5");
        assert!(expand("{now-3600}").ends_with(" GMT"));
        assert!(expand("{composite_sha256:4}").ends_with("-3"));
        assert!(expand("{multipart_etag:4}").ends_with("-3\""));
    }

    #[test]
    fn unknown_placeholders_are_errors() {
        for text in ["{sise}", "{size", "{now+x}", "{composite_md4:4}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn quoted_texts_have_escapes() {
        let parse = |text| Template::parse_quoted(text);
        assert_eq!(
            parse(r#""a\r\n\x00\"""#).unwrap().parts,
            [Part::Literal(b"a\r\n\0\"".to_vec())]
        );
        assert!(parse("a").is_err());
        assert!(parse(r#""\q""#).is_err());
    }
}
