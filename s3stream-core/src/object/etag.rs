//! Entity tags.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// An entity tag without its quotes: for many objects the MD5 of the content.
///
/// See "Object" in the Amazon S3 API reference for what an ETag is and is not.
///
/// ```
/// use s3stream_core::ETag;
/// let etag = ETag::parse("\"1e6d126440597ba7a5a3d05df01164bf-4\"").unwrap();
/// assert_eq!(etag.as_str(), "1e6d126440597ba7a5a3d05df01164bf-4");
/// assert_eq!(etag.parts(), Some(4));
/// ```
#[derive(Clone)]
pub struct ETag(Tag);

/// Nearly all tags are an MD5 in hexadecimal, with the number of parts: those are held in
/// place, because a listing makes one for each key.
#[derive(Clone)]
enum Tag {
    Short { length: u8, strength: Strength, text: [u8; SHORT] },
    Long { strength: Strength, text: Box<str> },
}

/// What a tag says when it is the same (RFC 9110, 8.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strength {
    /// That the bytes are the same.
    Strong,
    /// That the bytes mean the same.
    Weak,
}

/// 32 digits, a hyphen, and a number of parts up to 10,000.
const SHORT: usize = 38;

impl ETag {
    /// Reads a tag as a header or a listing gives it: quoted, unquoted (rclone), or with
    /// quotes still escaped; weak (`W/"..."`, as proxies mark what they may have changed) too.
    /// `None` for an empty one, as RadosGW's CompleteMultipartUpload sends.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, strength) = match text.strip_prefix("W/") {
            Some(opaque) if opaque.starts_with('"') => (opaque, Strength::Weak),
            _ => (text, Strength::Strong),
        };
        let text = text.strip_prefix('"').unwrap_or(text);
        let text = text.strip_suffix('"').unwrap_or(text);
        let plain = |c: char| !c.is_control() && c != '"';
        let is_plain = match text.is_ascii() {
            true => text.bytes().all(|byte| plain(char::from(byte))),
            false => text.chars().all(plain),
        };
        (!text.is_empty() && is_plain).then(|| ETag(Tag::new(text, strength)))
    }

    /// The tag without quotes.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Tag::Short { length, text, .. } => std::str::from_utf8(&text[..usize::from(*length)])
                .expect("it was made of a string as a whole"),
            Tag::Long { text, .. } => text,
        }
    }

    /// Whether it is weak: the same tag then need not mean the same bytes. Tags are compared
    /// without regard to it.
    ///
    /// ```
    /// use s3stream_core::ETag;
    /// let weak = ETag::parse("W/\"abc\"").unwrap();
    /// assert!(weak.is_weak() && weak == ETag::parse("\"abc\"").unwrap());
    /// ```
    pub fn is_weak(&self) -> bool {
        let (Tag::Short { strength, .. } | Tag::Long { strength, .. }) = &self.0;
        *strength == Strength::Weak
    }

    /// The tag as `If-Match` wants it; `None` for a weak one, which never matches there
    /// (RFC 9110, 13.1.1).
    pub(crate) fn if_match(&self) -> Option<String> {
        (!self.is_weak()).then(|| self.quoted())
    }

    /// The tag in quotes, as `If-Match` wants it.
    pub fn quoted(&self) -> String {
        format!("\"{self}\"")
    }

    /// The MD5 that this tag is, if it has that form: 32 hexadecimal digits.
    pub fn md5(&self) -> Option<[u8; 16]> {
        parse_hex16(self.as_str())
    }

    /// The number of parts, if this is the tag of a multipart upload (`hex-N`).
    pub fn parts(&self) -> Option<u32> {
        self.multipart().map(|(_, parts)| parts)
    }

    /// The MD5 of the parts' MD5s, and the number of parts.
    pub(crate) fn multipart(&self) -> Option<([u8; 16], u32)> {
        let (hex, parts) = self.as_str().split_once('-')?;
        let parts = parts.parse().ok().filter(|n| (1..=10_000).contains(n))?;
        Some((parse_hex16(hex)?, parts))
    }
}

impl Tag {
    fn new(text: &str, strength: Strength) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Tag::Short { length, strength, text: short }
            }
            _ => Tag::Long { strength, text: text.into() },
        }
    }
}

impl PartialEq for ETag {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ETag {}

impl PartialOrd for ETag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ETag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for ETag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

fn parse_hex16(hex: &str) -> Option<[u8; 16]> {
    let hex = hex.as_bytes();
    if hex.len() != 32 {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_read_in_every_quoting() {
        for text in ["\"abc\"", "abc", " \"abc\" ", "\"abc"] {
            assert_eq!(ETag::parse(text).unwrap().as_str(), "abc", "{text}");
        }
        for text in ["", "\"\"", "a\nb"] {
            assert_eq!(ETag::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_weak_etag_is_its_opaque_part_and_never_a_condition() {
        for (text, opaque, is_weak) in [
            ("W/\"abc\"", "abc", true),
            (" W/\"abc\" ", "abc", true),
            ("\"W/abc\"", "W/abc", false),
            ("W/abc", "W/abc", false),
            ("w/\"abc\"", "", false),
            ("\"abc\"", "abc", false),
        ] {
            let etag = ETag::parse(text);
            assert_eq!(etag.as_ref().map_or("", ETag::as_str), opaque, "{text}");
            assert_eq!(etag.as_ref().is_some_and(ETag::is_weak), is_weak, "{text}");
        }
        let long = format!("W/\"{}\"", "e".repeat(300));
        for text in ["W/\"25f9e794323b453885f5181f1b624d0b-10000\"", &long] {
            let weak = ETag::parse(text).unwrap();
            let strong = ETag::parse(&text[2..]).unwrap();
            assert!(weak == strong && weak.if_match().is_none());
            assert_eq!(strong.if_match().as_deref(), Some(&text[2..]));
        }
        assert_eq!(ETag::parse("W/\"\""), None);
    }

    #[test]
    fn a_tag_is_as_small_as_it_was() {
        assert!(size_of::<Option<ETag>>() <= 48);
    }

    #[test]
    fn an_etag_of_any_length_is_kept_whole() {
        for length in [1, 37, 38, 39, 300] {
            let text = "e".repeat(length);
            let etag = ETag::parse(&text).unwrap();
            assert_eq!(etag.as_str(), text);
            assert_eq!(etag, etag.clone());
            assert!(etag < ETag::parse(&format!("{text}f")).unwrap());
        }
        assert_eq!(ETag::parse("é").unwrap().quoted(), "\"é\"");
    }

    #[test]
    fn only_thirty_two_hex_digits_are_an_md5() {
        let md5 = ETag::parse("25F9e794323b453885f5181f1b624d0b").unwrap();
        assert_eq!(md5.md5().unwrap()[0], 0x25);
        for text in ["25f9e794323b453885f5181f1b624d0", "zz".repeat(16).as_str(), "a-1"] {
            assert_eq!(ETag::parse(text).unwrap().md5(), None, "{text}");
        }
    }

    #[test]
    fn a_multipart_etag_tells_its_parts() {
        let hex = "25f9e794323b453885f5181f1b624d0b";
        let parts = |suffix: &str| ETag::parse(&format!("{hex}{suffix}")).unwrap().parts();
        assert_eq!(parts("-1"), Some(1));
        assert_eq!(parts("-10000"), Some(10_000));
        for suffix in ["", "-0", "-10001", "-x", "-1-2"] {
            assert_eq!(parts(suffix), None, "{suffix}");
        }
    }
}
