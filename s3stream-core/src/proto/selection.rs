//! What a listing is asked for, and whether any key can be in it.

/// What a listing is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    /// Keys up to and including this one are left out.
    pub(crate) start_after: Option<String>,
    /// Keys beyond this one are left out.
    pub(crate) end_at: Option<String>,
    pub(crate) versions: bool,
    /// Whether one request goes behind the last key, to see whether the server left keys out.
    pub(crate) prove_end: bool,
    /// Whether a server that lists in another order is refused.
    pub(crate) is_ordered: bool,
    /// Whether each object is to say how a restore from an archive stands.
    pub(crate) restore_status: bool,
}

impl Selection {
    /// Refuses a range of keys in which no key can be: whoever asks for it has made a mistake,
    /// and "complete, nothing there" would hide it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let prefix = self.prefix.as_str();
        if let Some(end) = self.end_at.as_deref() {
            if end.is_empty() {
                return Err(
                    "end_at is empty, and no key comes before that: leave it out".to_owned()
                );
            }
            if let Some(start) = self.start_after.as_deref().filter(|start| *start >= end) {
                return Err(format!(
                    "no key comes after start_after '{start}' and up to end_at '{end}'"
                ));
            }
            if end < prefix {
                return Err(format!(
                    "end_at '{end}' comes before all keys with the prefix '{prefix}'"
                ));
            }
        }
        match self.start_after.as_deref() {
            Some(start) if start > prefix && !start.starts_with(prefix) => Err(format!(
                "start_after '{start}' comes after all keys with the prefix '{prefix}'"
            )),
            _ => Ok(()),
        }
    }

    /// Where the first request starts. What sorts before the prefix leaves nothing out and is
    /// not sent: a server was seen that answers it with an empty listing that looks complete.
    pub(crate) fn start(&self) -> Option<&str> {
        self.start_after.as_deref().filter(|start| *start >= self.prefix.as_str())
    }

    /// Whether it narrows the bucket by the order of its keys.
    pub(crate) fn is_range(&self) -> bool {
        self.start_after.is_some() || self.end_at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(prefix: &str, start_after: Option<&str>, end_at: Option<&str>) -> Selection {
        Selection {
            prefix: prefix.to_owned(),
            start_after: start_after.map(str::to_owned),
            end_at: end_at.map(str::to_owned),
            ..Selection::default()
        }
    }

    #[test]
    fn a_range_that_no_key_can_be_in_is_a_mistake() {
        let table = [
            ("", None, Some(""), "end_at is empty"),
            ("", Some("b"), Some("b"), "up to end_at 'b'"),
            ("", Some("c"), Some("b"), "up to end_at 'b'"),
            ("p/", None, Some("p"), "before all keys"),
            ("p/", None, Some("a"), "before all keys"),
            ("p/", Some("p0"), None, "after all keys"),
            ("p/", Some("q"), Some("z"), "after all keys"),
        ];
        for (prefix, start, end, reason) in table {
            let error = selection(prefix, start, end).check().unwrap_err();
            assert!(error.contains(reason), "{prefix} {start:?} {end:?}: {error}");
        }
    }

    #[test]
    fn a_range_that_a_key_can_be_in_is_none() {
        let table = [
            ("", None, None),
            ("", Some("a"), Some("b")),
            ("", Some("a"), Some("a\0")),
            ("p/", None, Some("p/")),
            ("p/", Some("p/"), Some("z")),
            ("p/", Some("a"), Some("p/a")),
            ("p/", Some("p/\u{10FFFF}"), None),
            ("p/", Some("p"), None),
        ];
        for (prefix, start, end) in table {
            assert_eq!(selection(prefix, start, end).check(), Ok(()), "{prefix} {start:?} {end:?}");
        }
    }

    #[test]
    fn a_start_before_the_prefix_is_not_sent() {
        let table = [
            ("", "a", Some("a")),
            ("p/", "a", None),
            ("p/", "p", None),
            ("p/", "p/", Some("p/")),
            ("p/", "p/x", Some("p/x")),
        ];
        for (prefix, start, sent) in table {
            assert_eq!(selection(prefix, Some(start), None).start(), sent, "{prefix} {start}");
        }
    }
}
