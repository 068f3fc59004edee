//! A document that is taken in as it arrives.
//!
//! The tokens are quick-xml's; what is ours is where a piece may be cut. Up to the last `<`
//! that has come, every tag and every text is whole, unless that `<` stands inside a
//! comment, CDATA or a quoted value: then the tokenizer finds its construct unclosed, and it
//! waits for more. So at most one construct is kept besides what was made of the others.

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::Event;

use super::element::Element;
use super::escape;

/// Deeper is no document of S3's.
const DEEPEST: usize = 32;

/// A key of 1,024 bytes is 6 KiB of character references; nothing of S3's is longer than this.
const LONGEST_CONSTRUCT: usize = 256 * 1024;

/// What is made of a document.
pub(super) trait Sink {
    /// The root element begins; an error refuses the document.
    fn begin(&mut self, name: &str) -> Result<(), String>;

    /// An element ended: the path to it, itself included, and its own text.
    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String>;

    /// The same where the text is not UTF-8: it is that element alone that cannot be read.
    fn end_unreadable(&mut self, path: &[Element], text: &[u8]) -> Result<(), String> {
        self.end(path, &String::from_utf8_lossy(text))
    }
}

/// How the bytes to be parsed stand there.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    /// What is no UTF-8 is escaped: see [`escape`].
    Escaped,
}

/// How far the parser came.
enum Parsed {
    /// So many bytes made whole constructs.
    Up(usize),
    /// The construct there is not UTF-8.
    NotUtf8(usize),
}

/// A document in progress.
#[derive(Default)]
pub(super) struct Document {
    /// What came behind the last whole construct.
    rest: Vec<u8>,
    /// Less than this in `rest` is not looked at: pieces of one byte each must not make
    /// the work grow with the square of a construct's length.
    worth_a_look: usize,
    path: Vec<Element>,
    /// Where each open element's name begins in `names`.
    starts: Vec<usize>,
    /// The names of open elements that their [`Element`] does not tell, one behind the other.
    names: String,
    /// The text of the innermost open element.
    text: String,
    /// The same from where on it is not UTF-8: what is in `text` comes before it.
    unreadable: Option<Vec<u8>>,
    is_begun: bool,
}

impl Document {
    /// Takes the next bytes in.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), String> {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() < self.worth_a_look {
            return Ok(());
        }
        if let Some(end) = self.rest.iter().rposition(|&byte| byte == b'<') {
            self.advance(end, false, sink)?;
        }
        if self.rest.len() > LONGEST_CONSTRUCT {
            return Err("one of its elements does not end".to_owned());
        }
        self.worth_a_look = 2 * self.rest.len();
        Ok(())
    }

    /// No more bytes come: the document must be whole.
    pub(super) fn finish(mut self, sink: &mut impl Sink) -> Result<(), String> {
        self.advance(self.rest.len(), true, sink)?;
        if !self.path.is_empty() {
            return Err("it is cut off".to_owned());
        }
        if !self.is_begun {
            return Err("it is empty".to_owned());
        }
        Ok(())
    }

    /// Parses the first `end` bytes of the rest, and drops what was used of them.
    fn advance(&mut self, end: usize, is_last: bool, sink: &mut impl Sink) -> Result<(), String> {
        let mut rest = std::mem::take(&mut self.rest);
        let used = match self.parse(&rest[..end], Form::Plain, is_last, sink)? {
            Parsed::Up(used) => used,
            // No document begins so: a body that is compressed does.
            Parsed::NotUtf8(_) if !self.is_begun => return Err("it is not UTF-8".to_owned()),
            // Those before it have been told: from here on what is no text is escaped.
            Parsed::NotUtf8(at) => {
                let escaped = escape::escape(&rest[at..end]);
                let parsed = self.parse(&escaped, Form::Escaped, is_last, sink);
                match parsed.map_err(escape::plain)? {
                    Parsed::Up(used) => at + escape::length(&escaped[..used]),
                    Parsed::NotUtf8(_) => return Err("it is not UTF-8".to_owned()),
                }
            }
        };
        rest.drain(..used.min(rest.len()));
        self.rest = rest;
        Ok(())
    }

    /// How many of the bytes made whole constructs.
    fn parse(
        &mut self,
        bytes: &[u8],
        form: Form,
        is_last: bool,
        sink: &mut impl Sink,
    ) -> Result<Parsed, String> {
        let skipped = if self.is_begun { 0 } else { byte_order_marks(bytes) };
        let mut reader = Reader::from_reader(&bytes[skipped..]);
        // Names are compared here: an element may end in another piece than it began.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        loop {
            let before = reader.buffer_position();
            let used = || {
                let used = usize::try_from(before).unwrap_or(usize::MAX);
                used.saturating_add(skipped).min(bytes.len())
            };
            match reader.read_event() {
                Ok(Event::Start(tag)) => self.open(tag.name().into_inner(), sink)?,
                Ok(Event::End(tag)) => self.close(tag.name().into_inner(), sink)?,
                Ok(Event::Empty(tag)) => {
                    self.open(tag.name().into_inner(), sink)?;
                    self.close(tag.name().into_inner(), sink)?;
                }
                Ok(Event::Text(part)) => self.push(&part, form),
                Ok(Event::CData(part)) => self.push(&part, form),
                Ok(Event::GeneralRef(reference)) => {
                    let c = resolve(&reference)?;
                    self.push(c.encode_utf8(&mut [0; 4]), Form::Plain);
                }
                Ok(Event::Eof) => return Ok(Parsed::Up(bytes.len())),
                Ok(_) => {}
                Err(Error::Syntax(_)) if !is_last => return Ok(Parsed::Up(used())),
                Err(Error::Encoding(_)) => return Ok(Parsed::NotUtf8(used())),
                Err(error) => return Err(format!("it is not XML: {error}")),
            }
        }
    }

    /// Adds to the text of the innermost element.
    fn push(&mut self, part: &str, form: Form) {
        match (form, &mut self.unreadable) {
            (Form::Plain, None) => self.text.push_str(part),
            (Form::Plain, Some(bytes)) => bytes.extend_from_slice(part.as_bytes()),
            (Form::Escaped, unreadable) => {
                let part = escape::unescape(part);
                match (unreadable, std::str::from_utf8(&part)) {
                    (None, Ok(part)) => self.text.push_str(part),
                    (unreadable, _) => unreadable.get_or_insert_default().extend(part),
                }
            }
        }
    }

    fn open(&mut self, name: &str, sink: &mut impl Sink) -> Result<(), String> {
        let local = local_name(name);
        if self.path.is_empty() {
            if std::mem::replace(&mut self.is_begun, true) {
                return Err("it is not one XML document".to_owned());
            }
            sink.begin(local)?;
        }
        if self.path.len() == DEEPEST {
            return Err("its elements are nested too deeply".to_owned());
        }
        let element = Element::of(local);
        self.path.push(element);
        self.starts.push(self.names.len());
        if element == Element::Other || local.len() != name.len() {
            self.names.push_str(name);
        }
        self.text.clear();
        self.unreadable = None;
        Ok(())
    }

    fn close(&mut self, name: &str, sink: &mut impl Sink) -> Result<(), String> {
        let (Some(&element), Some(start)) = (self.path.last(), self.starts.pop()) else {
            return Err(format!("it is not XML: </{name}> ends nothing"));
        };
        let full = &self.names[start..];
        let agrees = if full.is_empty() { Element::of(name) == element } else { full == name };
        if !agrees {
            return Err(format!("it is not XML: </{name}> ends another element"));
        }
        self.names.truncate(start);
        match self.unreadable.take() {
            None => sink.end(&self.path, &self.text)?,
            Some(rest) => {
                sink.end_unreadable(&self.path, &[self.text.as_bytes(), &rest].concat())?;
            }
        }
        self.text.clear();
        self.path.pop();
        Ok(())
    }
}

/// The length of what may stand before a document and says nothing.
fn byte_order_marks(bytes: &[u8]) -> usize {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let mut length = 0;
    while bytes[length..].starts_with(MARK) {
        length += MARK.len();
    }
    length
}

pub(super) fn local_name(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// A character reference or one of XML's five entities. RadosGW without `encoding-type`
/// writes references to characters that XML forbids: they are taken at their word.
pub(super) fn resolve(reference: &str) -> Result<char, String> {
    let named = match reference {
        "quot" => Some('"'),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        _ => None,
    };
    let numbered = || {
        let digits = reference.strip_prefix('#')?;
        let number = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        char::from_u32(number)
    };
    named.or_else(numbered).ok_or_else(|| format!("it has an unknown entity &{reference};"))
}
