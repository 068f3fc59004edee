//! Percent-encoding: one function for what is signed and for what is sent.
//!
//! The rules are those of "UriEncode" in "Authenticating requests (AWS Signature
//! Version 4)" of the Amazon S3 API reference: everything but `A-Z a-z 0-9 - . _ ~`
//! is encoded, in upper case, and `/` stays in a path.

/// Encodes a query name or value.
pub(crate) fn query(text: &str) -> String {
    encode(text, is_unreserved)
}

/// Encodes a key for a path: `/` stays, nothing is normalised.
pub(crate) fn path(text: &str) -> String {
    encode(text, |byte| is_unreserved(byte) || byte == b'/')
}

/// Decodes what a reply under `encoding-type=url` holds: `+` means a space.
///
/// `None` if an escape is cut; the bytes need not be UTF-8.
pub(crate) fn decode_listed(text: &str) -> Option<Vec<u8>> {
    let is_escape = |byte: &u8| matches!(byte, b'%' | b'+');
    let Some(mut plain) = text.as_bytes().iter().position(is_escape) else {
        return Some(text.as_bytes().to_owned());
    };
    let escapes = text.bytes().filter(|byte| *byte == b'%').count();
    let mut bytes = Vec::with_capacity(text.len().saturating_sub(2 * escapes));
    let mut rest = text.as_bytes();
    // What lies between two escapes is copied at once.
    loop {
        bytes.extend_from_slice(&rest[..plain]);
        rest = match &rest[plain..] {
            [] => break,
            [b'+', tail @ ..] => {
                bytes.push(b' ');
                tail
            }
            [_, high, low, tail @ ..] => {
                bytes.push(hex_value(*high)? << 4 | hex_value(*low)?);
                tail
            }
            _ => return None,
        };
        plain = rest.iter().position(is_escape).unwrap_or(rest.len());
    }
    Some(bytes)
}

/// Bytes for a person: text as it is, other bytes as `%XX`.
pub(crate) fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| push_escape(&mut text, *byte));
    }
    text
}

/// The value of one hexadecimal digit.
pub(crate) fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Appends `%XX`.
pub(crate) fn push_escape(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn encode(text: &str, keeps: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len() + 16);
    for &byte in text.as_bytes() {
        if keeps(byte) {
            encoded.push(char::from(byte));
        } else {
            push_escape(&mut encoded, byte);
        }
    }
    encoded
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_slashes_and_nothing_else_that_is_reserved() {
        let table = [
            ("a/b", "a/b"),
            ("//a/../.", "//a/../."),
            ("a b+c%2F", "a%20b%2Bc%252F"),
            ("\u{1}\n", "%01%0A"),
            ("é😀", "%C3%A9%F0%9F%98%80"),
            ("!*'()&<>\"", "%21%2A%27%28%29%26%3C%3E%22"),
        ];
        for (key, encoded) in table {
            assert_eq!(path(key), encoded);
        }
        assert_eq!(query("a/b c"), "a%2Fb%20c");
    }

    #[test]
    fn a_listed_key_is_decoded_with_plus_as_space() {
        let table: [(&str, Option<&[u8]>); 7] = [
            ("plain", Some(b"plain")),
            ("a+b%20c%2Bd", Some(b"a b c+d")),
            ("a%2fb", Some(b"a/b")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("a%FF", Some(b"a\xff")),
        ];
        for (encoded, key) in table {
            assert_eq!(decode_listed(encoded).as_deref(), key, "{encoded}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_encoded() {
        for (bytes, shown) in [(&b"caf\xe9.txt"[..], "caf%E9.txt"), ("é%".as_bytes(), "é%")] {
            assert_eq!(readable(bytes), shown);
        }
    }
}
