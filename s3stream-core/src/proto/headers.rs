//! Names and values of a request's or a reply's head, as plain values.

use std::borrow::Cow;

/// The fields of a head in their order; names in lower case, values as text and as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    value: String,
    /// The bytes of a value that is not UTF-8: `value` is then only like it.
    bytes: Option<Box<[u8]>>,
}

impl Headers {
    pub(crate) fn new() -> Self {
        Headers::default()
    }

    /// Appends a field; the name must be in lower case.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.append(name.into(), value.into(), None);
    }

    /// Appends a field whose value need not be text: HTTP says that it is Latin-1, S3 sends
    /// UTF-8, and some servers send whatever they were given.
    pub(crate) fn push_bytes(&mut self, name: impl Into<String>, value: &[u8]) {
        match String::from_utf8_lossy(value) {
            Cow::Borrowed(text) => self.append(name.into(), text.to_owned(), None),
            Cow::Owned(like) => self.append(name.into(), like, Some(value.into())),
        }
    }

    fn append(&mut self, name: String, value: String, bytes: Option<Box<[u8]>>) {
        debug_assert!(!name.bytes().any(|b| b.is_ascii_uppercase()));
        self.0.push(Field { name, value, bytes });
    }

    /// The first value of a field.
    pub(crate) fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// All values of a field, in their order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(field, _)| *field == name).map(|(_, value)| value)
    }

    /// Names and values; what is no text in a value is replaced.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|field| (field.name.as_str(), field.value.as_str()))
    }

    /// Names, and values as they are sent.
    pub(crate) fn iter_bytes(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|field| {
            let bytes = field.bytes.as_deref().unwrap_or(field.value.as_bytes());
            (field.name.as_str(), bytes)
        })
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Headers {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(fields: I) -> Self {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.push(name.to_ascii_lowercase(), value);
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_text_keeps_its_bytes() {
        let mut headers = Headers::new();
        headers.push("a", "é");
        headers.push_bytes("b", b"JULI\xc1N");
        headers.push_bytes("c", "é".as_bytes());
        assert_eq!(headers.first("b"), Some("JULI\u{fffd}N"));
        let bytes: Vec<_> = headers.iter_bytes().map(|(_, value)| value.to_vec()).collect();
        assert_eq!(bytes, ["é".as_bytes().to_vec(), b"JULI\xc1N".to_vec(), "é".into()]);
    }
}
