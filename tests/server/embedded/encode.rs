//! Text in listings: XML escapes, `encoding-type=url`, continuation tokens.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How a listing writes keys and prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyEncoding {
    /// As XML text.
    Xml,
    /// `encoding-type=url`
    Url,
}

impl KeyEncoding {
    pub(crate) fn push(self, out: &mut String, key: &str) {
        match self {
            Self::Xml => push_xml(out, key),
            Self::Url => push_url(out, key),
        }
    }
}

/// Escapes text for XML.
///
/// Characters that XML 1.0 has no way to say go out as character references,
/// illegal though they are: so AWS does, and a client has to live with it.
/// So do line breaks, which a parser would normalise.
pub(crate) fn push_xml(out: &mut String, text: &str) {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        let named = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => "",
            _ => continue,
        };
        out.push_str(&text[written..at]);
        written = at + character.len_utf8();
        if named.is_empty() {
            write!(out, "&#x{:x};", u32::from(character)).expect("writing to a String");
        } else {
            out.push_str(named);
        }
    }
    out.push_str(&text[written..]);
}

/// Encodes as AWS does under `encoding-type=url`: a form encoding that keeps `/`.
pub(crate) fn push_url(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte) {
            continue;
        }
        // Only at an ASCII byte or a byte of a character that is encoded whole.
        if let Some(kept) = text.get(written..at) {
            out.push_str(kept);
        }
        written = at + 1;
        if byte == b' ' {
            out.push('+');
            continue;
        }
        out.push('%');
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
    out.push_str(text.get(written..).unwrap_or_default());
}

/// Decodes a form encoding, or `None` if it is broken.
pub(crate) fn decode_form(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = digit(rest.next())? * 16 + digit(rest.next())?;
                u8::try_from(value).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// A continuation token: opaque, and refused if altered.
pub(crate) fn token(name: &str) -> String {
    let mut bytes = token_check(name).to_be_bytes().to_vec();
    bytes.extend_from_slice(name.as_bytes());
    STANDARD.encode(bytes)
}

/// The name that a token holds, or `None` if it is not one of ours.
pub(crate) fn parse_token(token: &str) -> Option<String> {
    let bytes = STANDARD.decode(token).ok()?;
    let (check, name) = bytes.split_first_chunk::<8>()?;
    let name = String::from_utf8(name.to_vec()).ok()?;
    (token_check(&name) == u64::from_be_bytes(*check)).then_some(name)
}

fn token_check(name: &str) -> u64 {
    crc_fast::crc64_nvme(name.as_bytes()) ^ 0x746f_6b65_6e73_6565
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(text: &str) -> String {
        let mut out = String::new();
        push_xml(&mut out, text);
        out
    }

    fn url(text: &str) -> String {
        let mut out = String::new();
        push_url(&mut out, text);
        out
    }

    #[test]
    fn xml_has_references_for_what_it_cannot_say() {
        assert_eq!(xml("a&b<c>\"d'"), "a&amp;b&lt;c&gt;&quot;d'");
        assert_eq!(xml("\u{1}x\n\u{ffff}\u{e4}"), "&#x1;x&#xa;&#xffff;\u{e4}");
    }

    #[test]
    fn url_is_a_form_encoding_with_slashes() {
        assert_eq!(url("a b/c+d%2F~\u{e4}*"), "a+b/c%2Bd%252F%7E%C3%A4*");
        assert_eq!(url("\u{1f980}x"), "%F0%9F%A6%80x");
        assert_eq!(url(""), "");
    }

    #[test]
    fn altered_token_is_refused() {
        let good = token("a/key");
        assert_eq!(parse_token(&good).as_deref(), Some("a/key"));
        assert_eq!(parse_token(&token("")).as_deref(), Some(""));
        assert_eq!(parse_token("a/key"), None);
        assert_eq!(parse_token(&good.replacen(&good[..1], "~", 1)), None);
        assert_eq!(parse_token(&good[..good.len() - 4]), None);
    }
}
