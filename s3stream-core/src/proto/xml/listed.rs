//! What a page names: entries, and what cannot be read as one.

use crate::object::Entry;
use crate::proto::encode;

/// Why an entry cannot be read whose key is no text.
pub(crate) const NOT_UTF8: &str = "its name is not UTF-8";
/// Why an entry cannot be read whose key is not encoded as the page says.
pub(crate) const GARBLED: &str = "its name is not percent-encoded";

/// One element of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Entry(Entry),
    /// Its neighbours are as they should be.
    Unreadable(Box<Unreadable>),
}

/// An entry that cannot be read: a key that is not UTF-8, a size that is not a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Its name for a person: bytes that are no text are percent-encoded.
    pub(crate) name: String,
    pub(crate) why: &'static str,
    is_group: bool,
    place: Place,
}

/// What is known of where an unreadable entry stands in the order of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// At its name.
    Name,
    /// At these bytes.
    Bytes(Vec<u8>),
    Unknown,
}

impl Unreadable {
    /// One whose key is known.
    pub(crate) fn new(key: String, why: &'static str) -> Self {
        Unreadable { name: key, why, is_group: false, place: Place::Name }
    }

    /// One whose key is no text.
    pub(crate) fn of_bytes(key: Vec<u8>, why: &'static str) -> Self {
        let name = encode::readable(&key);
        Unreadable { name, why, is_group: false, place: Place::Bytes(key) }
    }

    /// One whose key is not known.
    pub(crate) fn garbled(text: String, why: &'static str) -> Self {
        Unreadable { name: text, why, is_group: false, place: Place::Unknown }
    }

    pub(crate) fn of_group(mut self) -> Self {
        self.is_group = true;
        self
    }

    /// Its name was encoded, as turns out behind it.
    pub(crate) fn decode(&mut self) {
        if self.place != Place::Name {
            return;
        }
        match encode::decode_listed(&self.name).map(String::from_utf8) {
            Some(Ok(name)) => self.name = name,
            Some(Err(error)) => {
                self.name = encode::readable(error.as_bytes());
                self.place = Place::Bytes(error.into_bytes());
                self.why = NOT_UTF8;
            }
            None => {
                self.place = Place::Unknown;
                self.why = GARBLED;
            }
        }
    }
}

impl Listed {
    pub(crate) fn unreadable(unreadable: Unreadable) -> Self {
        Listed::Unreadable(Box::new(unreadable))
    }

    /// What it is ordered by; `None` where that is not known.
    pub(crate) fn place(&self) -> Option<&[u8]> {
        match self {
            Listed::Entry(entry) => Some(entry.name().as_bytes()),
            Listed::Unreadable(unreadable) => match &unreadable.place {
                Place::Name => Some(unreadable.name.as_bytes()),
                Place::Bytes(bytes) => Some(bytes),
                Place::Unknown => None,
            },
        }
    }

    /// Its name, where that can be sent back.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Listed::Entry(entry) => Some(entry.name()),
            Listed::Unreadable(unreadable) => {
                Some(unreadable.name.as_str()).filter(|_| unreadable.place == Place::Name)
            }
        }
    }

    /// Whether it is a common prefix.
    pub(crate) fn is_group(&self) -> bool {
        match self {
            Listed::Entry(entry) => matches!(entry, Entry::CommonPrefix(_)),
            Listed::Unreadable(unreadable) => unreadable.is_group,
        }
    }

    /// Bytes of memory that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        let length = match self {
            Listed::Entry(Entry::Object(object)) => {
                object.key.len() + object.version_id.as_ref().map_or(0, String::len)
            }
            Listed::Entry(Entry::CommonPrefix(group)) => group.prefix.len(),
            Listed::Unreadable(unreadable) => size_of::<Unreadable>() + 2 * unreadable.name.len(),
        };
        (size_of::<Listed>() + length) as u64
    }
}
