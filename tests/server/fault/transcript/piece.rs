//! Pieces of a body.

use crate::fault::content::Content;

use super::template::{Context, Template};

/// Bytes that a `body` or `chunk` line stands for.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Bytes of an object.
    Object(Cut),
    /// A text.
    Text(Template),
}

/// A part of an object.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    source: Source,
    base: Base,
    first: u64,
    end: u64,
    corrupt: Option<u64>,
}

/// Which of the two objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Object,
    Other,
}

impl Source {
    /// Returns that object.
    pub(crate) fn content<'a>(self, context: &Context<'a>) -> &'a Content {
        match self {
            Self::Object => context.object,
            Self::Other => context.other,
        }
    }
}

/// What the positions of a [`Cut`] count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Object,
    Requested,
}

impl Piece {
    /// Reads what stands after `body` or `chunk`; `lines` is not for here.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("text ") {
            Some(quoted) => Ok(Self::Text(Template::parse_quoted(quoted.trim())?)),
            None => Cut::parse(text).map(Self::Object),
        }
    }

    /// Returns the bytes.
    pub(crate) fn bytes(&self, context: &Context<'_>) -> Vec<u8> {
        match self {
            Self::Object(cut) => cut.bytes(context),
            Self::Text(template) => template.expand(context),
        }
    }
}

impl Cut {
    fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let source = match words.next_if_eq(&"other") {
            Some(_) => Source::Other,
            None => Source::Object,
        };
        let base = match words.next_if_eq(&"requested") {
            Some(_) => Base::Requested,
            None => Base::Object,
        };
        let (first, end) = match words.next_if(|word| word.contains("..")) {
            Some(word) => range(word)?,
            None if base == Base::Requested => (0, u64::MAX),
            None => return Err(format!("{text:?} is not a piece of a body")),
        };
        let corrupt = match words.next() {
            None => None,
            Some("corrupt") => Some(number(words.next().unwrap_or_default())?),
            Some(word) => return Err(format!("unexpected {word:?}")),
        };
        match words.next() {
            None => Ok(Self { source, base, first, end, corrupt }),
            Some(word) => Err(format!("unexpected {word:?}")),
        }
    }

    fn bytes(&self, context: &Context<'_>) -> Vec<u8> {
        let content = self.source.content(context);
        let (first, end) = match self.base {
            Base::Object => (self.first, self.end),
            Base::Requested => {
                let range = context.requested();
                let shift = |position: u64| range.first.saturating_add(position);
                (shift(self.first), shift(self.end).min(range.last + 1))
            }
        };
        let mut bytes = content.slice(first..end).to_vec();
        if let Some(at) = self.corrupt
            && let Some(index) = at.checked_sub(first)
            && let Ok(index) = usize::try_from(index)
            && let Some(byte) = bytes.get_mut(index)
        {
            *byte ^= 0x01;
        }
        bytes
    }
}

fn range(word: &str) -> Result<(u64, u64), String> {
    let (first, end) = word.split_once("..").unwrap_or((word, ""));
    let first = match first {
        "" => 0,
        first => number(first)?,
    };
    let end = match end {
        "" => u64::MAX,
        end => number(end)?,
    };
    match first <= end {
        true => Ok((first, end)),
        false => Err(format!("{word:?} is an empty range")),
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("{word:?} is not a position"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        let object = Content::new(10, 1);
        let other = Content::new(20, 2);
        Piece::parse(text).unwrap().bytes(&Context {
            object: &object,
            other: &other,
            request: None,
            endpoint_url: "",
            body_size: 0,
        })
    }

    #[test]
    fn cuts_objects() {
        let whole = Content::new(10, 1);
        assert_eq!(bytes(".."), whole.bytes());
        assert_eq!(bytes("3..5"), whole.slice(3..5));
        assert_eq!(bytes("requested 2.."), whole.slice(2..10));
        assert_eq!(bytes("other ..").len(), 20);
        assert_eq!(bytes("text \"a{size}\""), b"a10");
    }

    #[test]
    fn flips_one_byte_at_a_position_of_the_object() {
        let mut expected = Content::new(10, 1).slice(3..9).to_vec();
        expected[1] ^= 1;
        assert_eq!(bytes("3..9 corrupt 4"), expected);
    }

    #[test]
    fn says_what_is_no_piece() {
        for text in ["", "5", "5..3", "a..b", ".. corrupt", ".. x", "requested 1"] {
            assert!(Piece::parse(text).is_err(), "{text}");
        }
    }
}
