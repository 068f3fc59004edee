//! Names and values of a request's or a reply's head, as plain values.

/// The fields of a head in their order; names in lower case, values as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    pub(crate) fn new() -> Self {
        Headers::default()
    }

    /// Appends a field; the name must be in lower case.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        debug_assert!(!name.bytes().any(|b| b.is_ascii_uppercase()));
        self.0.push((name, value.into()));
    }

    /// The first value of a field.
    pub(crate) fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// All values of a field, in their order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(field, _)| *field == name).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
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
