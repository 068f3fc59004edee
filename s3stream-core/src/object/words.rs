//! Encoded words in values of metadata (RFC 2047), which S3 sends for what is not ASCII.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Words without their padding were seen too.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that a value means; the value itself where nothing in it is an encoded word, or
/// where one that begins like one is none.
pub(super) fn decode(value: &[u8]) -> Cow<'_, [u8]> {
    let Some(text) = std::str::from_utf8(value).ok().filter(|text| text.contains("=?")) else {
        return Cow::Borrowed(value);
    };
    let mut decoded = Vec::with_capacity(value.len());
    // What came behind the last token, and whether that was a word.
    let (mut blanks, mut was_word) = (String::new(), false);
    for piece in text.split_inclusive([' ', '\t']) {
        let token = piece.trim_end_matches([' ', '\t']);
        if !token.is_empty() {
            let word = word(token);
            if word.is_none() && token.starts_with("=?") && token.ends_with("?=") {
                return Cow::Borrowed(value);
            }
            // What separates two words is no part of what they say (RFC 2047, 6.2).
            if !was_word || word.is_none() {
                decoded.extend_from_slice(blanks.as_bytes());
            }
            blanks.clear();
            was_word = word.is_some();
            decoded.extend_from_slice(word.as_deref().unwrap_or(token.as_bytes()));
        }
        blanks.push_str(&piece[token.len()..]);
    }
    decoded.extend_from_slice(blanks.as_bytes());
    Cow::Owned(decoded)
}

/// The bytes of `=?charset?encoding?text?=`.
fn word(token: &str) -> Option<Vec<u8>> {
    let inner = token.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut fields = inner.split('?');
    let (charset, encoding, text) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => BASE64.decode(text).ok()?,
        "Q" | "q" => quoted(text)?,
        _ => return None,
    };
    // A language may stand behind the charset (RFC 2231, 5).
    let charset = charset.split('*').next().unwrap_or_default();
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => Some(bytes),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect::<String>().into_bytes()),
        _ => None,
    }
}

/// The "Q" encoding (RFC 2047, 4.2).
fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'_' => bytes.push(b' '),
            b'=' => {
                let [high, low, tail @ ..] = rest else { return None };
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
                rest = tail;
            }
            byte => bytes.push(*byte),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_and_everything_else_is_as_it_was() {
        let table: [(&str, &str); 17] = [
            ("plain", "plain"),
            ("", ""),
            ("=?UTF-8?B?SlVMScOBTg==?=", "JULIÁN"),
            ("=?UTF-8?B?SlVMScOBTg?=", "JULIÁN"),
            ("=?utf-8?b?SlVMScOBTg==?=", "JULIÁN"),
            ("=?UTF-8?Q?J=C3=BCrgen_M=3F?=", "Jürgen M?"),
            ("=?ISO-8859-1?Q?JULI=C1N?=", "JULIÁN"),
            ("=?UTF-8*de?Q?=C3=BC?=", "ü"),
            // Between two words a blank is none; beside anything else it is one.
            ("=?UTF-8?Q?=C3=BC?= =?UTF-8?Q?=C3=A4?=", "üä"),
            ("=?UTF-8?Q?=C3=BC?=   =?UTF-8?Q?=C3=A4?=", "üä"),
            ("a =?UTF-8?Q?=C3=BC?=  b", "a ü  b"),
            ("a  b =?UTF-8?Q?=C3=BC?=", "a  b ü"),
            // What is none, or cannot be read, is left as it is, all of it.
            ("=?UTF-8?Q?=C3=B?=", "=?UTF-8?Q?=C3=B?="),
            ("=?KOI8-R?B?8NLJ18XU?=", "=?KOI8-R?B?8NLJ18XU?="),
            ("=?UTF-8?Q?=C3=BC?= =?UTF-8?X?a?=", "=?UTF-8?Q?=C3=BC?= =?UTF-8?X?a?="),
            ("a=?b", "a=?b"),
            ("=?UTF-8?B?SlVMScOBTg==?=x", "=?UTF-8?B?SlVMScOBTg==?=x"),
        ];
        for (value, expected) in table {
            assert_eq!(*decode(value.as_bytes()), *expected.as_bytes(), "{value}");
        }
        assert_eq!(*decode(b"=?\xc1?="), *b"=?\xc1?=");
    }
}
