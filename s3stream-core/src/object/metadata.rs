//! The metadata of an object: what was given when it was written, and comes back as it is.

use std::borrow::Cow;
use std::fmt;

use super::words;

/// The headers that an object was written with, and its user metadata.
///
/// All of it comes with every reply to HeadObject and GetObject; a faithful copy of the object
/// is written with the same. See "Working with object metadata" in the Amazon S3 user guide.
///
/// ```
/// use s3stream_core::Metadata;
/// let metadata = Metadata::new().with_content_type("text/plain").with_user("colour", "blue");
/// assert_eq!(metadata.user("colour").unwrap().as_str(), Some("blue"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Metadata {
    /// `Content-Type`: the media type.
    pub content_type: Option<MetadataValue>,
    /// `Cache-Control`.
    pub cache_control: Option<MetadataValue>,
    /// `Content-Encoding`, without the `aws-chunked` that is of an upload's framing and not of
    /// the object. The bytes are delivered as they are stored, never decoded.
    pub content_encoding: Option<MetadataValue>,
    /// `Content-Disposition`.
    pub content_disposition: Option<MetadataValue>,
    /// `Content-Language`.
    pub content_language: Option<MetadataValue>,
    /// `Expires`, as it was written: it need not be a date.
    pub expires: Option<MetadataValue>,
    /// `x-amz-website-redirect-location`.
    pub website_redirect: Option<MetadataValue>,
    /// The user metadata in the order of the reply: names in lower case without `x-amz-meta-`,
    /// values as sent. A name may come twice.
    pub user: Vec<(String, MetadataValue)>,
    /// How many fields of user metadata the server has and cannot send (`x-amz-missing-meta`).
    pub missing_meta: u32,
}

impl Metadata {
    /// None at all.
    pub const fn new() -> Self {
        Metadata {
            content_type: None,
            cache_control: None,
            content_encoding: None,
            content_disposition: None,
            content_language: None,
            expires: None,
            website_redirect: None,
            user: Vec::new(),
            missing_meta: 0,
        }
    }

    /// The headers that are there, each by its name in a reply, in lower case.
    ///
    /// ```
    /// use s3stream_core::Metadata;
    /// let metadata = Metadata::new().with_expires("never").with_content_type("text/plain");
    /// let names: Vec<_> = metadata.headers().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["content-type", "expires"]);
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &MetadataValue)> {
        let named = [
            ("content-type", &self.content_type),
            ("cache-control", &self.cache_control),
            ("content-encoding", &self.content_encoding),
            ("content-disposition", &self.content_disposition),
            ("content-language", &self.content_language),
            ("expires", &self.expires),
            ("x-amz-website-redirect-location", &self.website_redirect),
        ];
        named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    /// The first value of a field of user metadata; its name in any case.
    pub fn user(&self, name: &str) -> Option<&MetadataValue> {
        self.user.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The same with one more field of user metadata, behind the others.
    pub fn with_user(mut self, name: &str, value: impl Into<MetadataValue>) -> Self {
        self.user.push((name.to_ascii_lowercase(), value.into()));
        self
    }
}

macro_rules! setters {
    ($($setter:ident: $field:ident, $header:literal;)*) => {
        impl Metadata {
            $(#[doc = concat!("The same with this `", $header, "`.")]
            pub fn $setter(mut self, value: impl Into<MetadataValue>) -> Self {
                self.$field = Some(value.into());
                self
            })*
        }
    };
}

setters! {
    with_content_type: content_type, "Content-Type";
    with_cache_control: cache_control, "Cache-Control";
    with_content_encoding: content_encoding, "Content-Encoding";
    with_content_disposition: content_disposition, "Content-Disposition";
    with_content_language: content_language, "Content-Language";
    with_expires: expires, "Expires";
    with_website_redirect: website_redirect, "x-amz-website-redirect-location";
}

/// A value of metadata: the bytes as they were sent, which need not be text.
///
/// Servers keep what they were given: UTF-8 mostly, Latin-1 from older programs. S3 itself
/// encodes what is not ASCII when it sends it (RFC 2047), and decodes it when it is written: so
/// the bytes as they came are what a copy is written with, wherever it goes to the same service;
/// [`decoded`](MetadataValue::decoded) is for a service that takes them literally.
///
/// ```
/// use s3stream_core::MetadataValue;
/// let old = MetadataValue::from(b"JULI\xc1N");
/// assert_eq!((old.as_str(), old.text().as_ref()), (None, "JULIÁN"));
/// let aws = MetadataValue::from("=?UTF-8?B?SlVMScOBTg==?=");
/// assert_eq!(aws.as_bytes(), b"=?UTF-8?B?SlVMScOBTg==?=");
/// assert_eq!(*aws.decoded(), *"JULIÁN".as_bytes());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetadataValue(Box<[u8]>);

impl MetadataValue {
    /// The bytes as they were sent.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value, where it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The value for a person: UTF-8, or else Latin-1, which any bytes are.
    pub fn text(&self) -> Cow<'_, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => self.0.iter().copied().map(char::from).collect::<String>().into(),
        }
    }

    /// The bytes that S3 means by words of RFC 2047 (`=?UTF-8?Q?...?=`); the same bytes where
    /// there are none, or where one of them is malformed.
    pub fn decoded(&self) -> Cow<'_, [u8]> {
        words::decode(&self.0)
    }
}

impl From<&str> for MetadataValue {
    fn from(text: &str) -> Self {
        MetadataValue(text.as_bytes().into())
    }
}

impl From<String> for MetadataValue {
    fn from(text: String) -> Self {
        MetadataValue(text.into_bytes().into())
    }
}

impl From<&[u8]> for MetadataValue {
    fn from(bytes: &[u8]) -> Self {
        MetadataValue(bytes.into())
    }
}

impl<const N: usize> From<&[u8; N]> for MetadataValue {
    fn from(bytes: &[u8; N]) -> Self {
        MetadataValue(bytes.as_slice().into())
    }
}

impl From<Vec<u8>> for MetadataValue {
    fn from(bytes: Vec<u8>) -> Self {
        MetadataValue(bytes.into())
    }
}

impl PartialEq<str> for MetadataValue {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for MetadataValue {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Display for MetadataValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for MetadataValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => write!(f, "{text:?}"),
            None => write!(f, "b\"{}\"", self.0.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_its_bytes_and_a_text_for_people() {
        let table: [(&[u8], Option<&str>, &str); 5] = [
            (b"blue", Some("blue"), "blue"),
            ("é".as_bytes(), Some("é"), "é"),
            (b"JULI\xc1N", None, "JULIÁN"),
            (b"\x80\xff", None, "\u{80}ÿ"),
            (b"", Some(""), ""),
        ];
        for (bytes, utf8, text) in table {
            let value = MetadataValue::from(bytes);
            assert_eq!(value.as_bytes(), bytes);
            assert_eq!((value.as_str(), value.text().as_ref()), (utf8, text));
            assert_eq!(value.to_string(), text);
        }
        assert_eq!(format!("{:?}", MetadataValue::from(b"a\xc1")), "b\"a\\xc1\"");
    }

    #[test]
    fn user_metadata_is_found_by_its_name_in_any_case() {
        let metadata = Metadata::new().with_user("Colour", "blue").with_user("colour", "red");
        assert_eq!(metadata.user("COLOUR").unwrap(), &"blue");
        assert_eq!(metadata.user("size"), None);
        assert_eq!(metadata.user.len(), 2, "none is lost");
    }
}
