//! Bytes that are no UTF-8, written so that a tokenizer of text takes them.
//!
//! Some servers keep a key that is Latin-1 and list it byte for byte. It is one entry that
//! cannot be read then, not the page: so such a byte goes through the tokenizer as [`MARK`] and
//! two digits, and a mark that stood there as two marks.

use crate::proto::encode::hex_value;

/// A character that means nothing (Unicode 15, 23.7): hardly ever to be escaped itself.
const MARK: &str = "\u{FDD0}";

/// Bytes as text.
pub(super) fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(bytes.len() + 64);
    for chunk in bytes.utf8_chunks() {
        escaped.extend_from_slice(chunk.valid().replace(MARK, &[MARK, MARK].concat()).as_bytes());
        for byte in chunk.invalid() {
            escaped.extend_from_slice(format!("{MARK}{byte:02x}").as_bytes());
        }
    }
    escaped
}

/// The bytes that a part of such a text stands for.
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once(MARK) {
        bytes.extend_from_slice(plain.as_bytes());
        rest = match behind.as_bytes() {
            [high, low, ..] if byte(*high, *low).is_some() => {
                bytes.extend(byte(*high, *low));
                &behind[2..]
            }
            _ => {
                bytes.extend_from_slice(MARK.as_bytes());
                behind.strip_prefix(MARK).unwrap_or(behind)
            }
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// How many bytes a part of such a text stands for.
pub(super) fn length(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| unescape(text).len())
}

/// What is wrong with such a text, for a person.
pub(super) fn plain(why: String) -> String {
    if why.contains(MARK) { "it is not UTF-8".to_owned() } else { why }
}

fn byte(high: u8, low: u8) -> Option<u8> {
    Some(hex_value(high)? << 4 | hex_value(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_comes_back() {
        let table: [&[u8]; 6] = [
            b"",
            b"plain <a>",
            b"caf\xe9.txt",
            b"\xff\xfe\xe9",
            "é \u{FDD0} \u{FDD0}e9".as_bytes(),
            b"\xef\xb7\x90e9\xe9\xef\xb7",
        ];
        for bytes in table {
            let escaped = String::from_utf8(escape(bytes)).unwrap();
            assert_eq!(unescape(&escaped), bytes, "{escaped}");
            assert_eq!(length(escaped.as_bytes()), bytes.len(), "{escaped}");
        }
    }
}
