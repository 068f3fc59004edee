//! A page of a listing, made while its text arrives and given away only when it is whole.

use super::document::{Document, Sink};
use super::element::Element;
use super::listed::{GARBLED, Listed, NOT_UTF8, Unreadable};
use super::{ErrorDraft, NoPage};
use crate::object::{CommonPrefix, ETag, Entry, Object, RestoreStatus, storage_class};
use crate::proto::encode;
use crate::time::Timestamp;

/// One page of ListObjectsV2, ListObjects or ListObjectVersions, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListPage {
    /// Objects and common prefixes, in the order of the page.
    pub(crate) entries: Vec<Listed>,
    /// How many of the entries are common prefixes.
    pub(crate) groups: usize,
    pub(crate) is_truncated: bool,
    /// To be sent back as it is.
    pub(crate) next_token: Option<String>,
    /// To be sent back as it is.
    pub(crate) next_version_id_marker: Option<String>,
    pub(crate) key_count: Option<u64>,
    /// Whether the reply has a `Marker`: the server answered in the words of version 1.
    pub(crate) has_marker: bool,
    /// Bytes of memory that the entries take.
    pub(crate) bytes: u64,
    /// Objects with a `LastModified` that nobody can read.
    pub(crate) without_time: u64,
    /// Whether its server is known to list in another order, whatever this page looks like.
    pub(crate) is_unordered: bool,
}

/// A page in progress: feed it what comes, in pieces of any size.
///
/// It holds the entries so far and the bytes of one unfinished element, not the text.
pub(crate) struct PageParser {
    document: Document,
    page: Draft,
}

/// Text without an entry in it: what is longer has no end.
const LONGEST_SILENCE: u64 = 32 << 20;

impl PageParser {
    /// A page of objects, or of versions, whose entries take so many bytes at most: some
    /// servers ignore `max-keys` and list all of a bucket at once.
    pub(crate) fn new(versions: bool, most_bytes: u64) -> Self {
        let root = if versions { Element::ListVersionsResult } else { Element::ListBucketResult };
        PageParser { document: Document::default(), page: Draft::new(root, most_bytes) }
    }

    /// Takes the next bytes in; the error says why this is no page.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), NoPage> {
        let before = self.page.page.entries.len();
        let fed = self.document.feed(bytes, &mut self.page);
        fed.map_err(|why| self.page.no_page(why))?;
        if self.page.page.entries.len() > before {
            self.page.silence = 0;
        }
        self.page.silence += bytes.len() as u64;
        if self.page.silence > LONGEST_SILENCE {
            return Err(NoPage::Malformed("it does not end".to_owned()));
        }
        Ok(())
    }

    /// The page, now that nothing more comes; an error if it is not whole.
    pub(crate) fn finish(mut self) -> Result<ListPage, NoPage> {
        let finished = self.document.finish(&mut self.page);
        finished.map_err(|why| self.page.no_page(why))?;
        if self.page.refusal.is_some() {
            let why = "its root element is <Error>, without a code".to_owned();
            return Err(self.page.no_page(why));
        }
        self.page.finish().map_err(NoPage::Malformed)
    }
}

/// What is known of a page so far.
struct Draft {
    root: Element,
    page: ListPage,
    /// Of a document that is an error.
    refusal: Option<Box<ErrorDraft>>,
    is_truncated: Option<bool>,
    encoding: Option<Encoding>,
    /// So many of the first entries came before it was known whether names are encoded.
    undecoded: usize,
    /// The object whose fields are coming.
    object: Object,
    has_size: bool,
    restore: Restore,
    /// Why the object cannot be read.
    odd: Option<Box<Odd>>,
    /// Words that only a page has that is not the last one, and of which one is there.
    goes_on: Option<Element>,
    has_key_count: bool,
    most_bytes: u64,
    /// Bytes of text since the last entry.
    silence: u64,
}

/// Why an object cannot be read, and its key where that is no text.
struct Odd {
    why: &'static str,
    key: Option<Vec<u8>>,
}

/// How the restore of the object stands whose fields are coming.
#[derive(Default)]
struct Restore {
    is_ongoing: Option<bool>,
    until: Option<Timestamp>,
}

impl Restore {
    /// Who has no date for it has not been asked for it: then there is nothing to be read yet.
    fn finish(self) -> Option<RestoreStatus> {
        match (self.is_ongoing, self.until) {
            (Some(true), _) => Some(RestoreStatus::Ongoing),
            (_, Some(until)) => Some(RestoreStatus::Restored { until: Some(until) }),
            (_, None) => None,
        }
    }
}

/// How names are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Url,
}

/// A name as it can be had.
enum Named {
    Text(String),
    /// Not UTF-8; its bytes.
    Bytes(Vec<u8>),
    /// It cannot be decoded; what stood there.
    Garbled(String),
}

impl Sink for Draft {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        if Element::of(name) == Element::Error {
            self.refusal = Some(Box::default());
            return Ok(());
        }
        super::expect_root(name, self.root)
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        use Element::*;
        if let Some(refusal) = &mut self.refusal {
            return refusal.end(path, text);
        }
        match path {
            [_, Contents | Version, RestoreStatus, IsRestoreInProgress] => {
                self.restore.is_ongoing = boolean(text);
            }
            [_, Contents | Version, RestoreStatus, RestoreExpiryDate] => {
                self.restore.until = Timestamp::parse_iso8601(text);
            }
            [_, Contents | Version, RestoreStatus] => {
                self.object.restore_status = std::mem::take(&mut self.restore).finish();
            }
            [_, Contents | Version | DeleteMarker, field] => self.field(*field, text)?,
            [_, kind @ (Contents | Version | DeleteMarker)] => self.finish_object(*kind)?,
            [_, CommonPrefixes, Prefix] => self.finish_group(self.name(text))?,
            [_, field] => self.flag(*field, text)?,
            [_, Error, Code] => return Err(format!("it breaks off with the error {text}")),
            _ => {}
        }
        Ok(())
    }

    fn end_unreadable(&mut self, path: &[Element], text: &[u8]) -> Result<(), String> {
        use Element::*;
        if self.refusal.is_none() {
            match path {
                [_, Contents | Version | DeleteMarker, Key] => {
                    self.set_key(Named::Bytes(text.to_vec()));
                    return Ok(());
                }
                [_, CommonPrefixes, Prefix] => {
                    return self.finish_group(Named::Bytes(text.to_vec()));
                }
                _ => {}
            }
        }
        self.end(path, &String::from_utf8_lossy(text))
    }
}

impl Draft {
    fn new(root: Element, most_bytes: u64) -> Self {
        Draft {
            root,
            page: ListPage::default(),
            refusal: None,
            is_truncated: None,
            encoding: None,
            undecoded: 0,
            object: Object::new(""),
            has_size: false,
            restore: Restore::default(),
            odd: None,
            goes_on: None,
            has_key_count: false,
            most_bytes,
            silence: 0,
        }
    }

    /// Why this is no page: for what is well said in an `<Error>`, however it ends.
    fn no_page(&mut self, why: String) -> NoPage {
        match self.refusal.take().map(|refusal| refusal.body) {
            Some(body) if body.code.is_some() => NoPage::Refused(Box::new(body)),
            _ => NoPage::Malformed(why),
        }
    }

    /// What a page says of itself. Whatever says twice, or in two ways, whether there is
    /// more cannot be relied upon.
    fn flag(&mut self, field: Element, text: &str) -> Result<(), String> {
        match field {
            Element::IsTruncated => {
                let value = boolean(text);
                let value = value.ok_or_else(|| format!("IsTruncated is '{}'", text.trim()))?;
                if self.is_truncated.replace(value).is_some() {
                    return Err("it says twice whether it is truncated".to_owned());
                }
            }
            Element::NextContinuationToken => {
                once(&mut self.page.next_token, filled(text), field)?;
            }
            Element::NextVersionIdMarker => {
                once(&mut self.page.next_version_id_marker, filled(text), field)?;
            }
            Element::KeyCount => {
                if std::mem::replace(&mut self.has_key_count, true) {
                    return Err("it has two KeyCounts".to_owned());
                }
                self.page.key_count = text.trim().parse().ok();
            }
            Element::Marker => self.page.has_marker = true,
            Element::EncodingType => self.encoding(text)?,
            Element::Error => return Err("it breaks off with an error".to_owned()),
            _ => {}
        }
        let leads_on = matches!(
            field,
            Element::NextContinuationToken
                | Element::NextMarker
                | Element::NextKeyMarker
                | Element::NextVersionIdMarker
        );
        if leads_on && !text.is_empty() {
            self.goes_on = Some(field);
        }
        Ok(())
    }

    fn field(&mut self, field: Element, text: &str) -> Result<(), String> {
        match field {
            Element::Key => self.set_key(self.name(text)),
            Element::Size => match text.trim().parse() {
                Ok(size) => {
                    self.object.size = size;
                    self.has_size = true;
                }
                Err(_) => self.odd("its Size is not a number", None),
            },
            Element::ETag => self.object.etag = ETag::parse(text),
            Element::LastModified => {
                self.object.last_modified = Timestamp::parse_any(text);
                if self.object.last_modified.is_none() && !text.is_empty() {
                    self.page.without_time += 1;
                }
            }
            Element::StorageClass => {
                self.object.storage_class = (!text.is_empty()).then(|| storage_class(text));
            }
            Element::VersionId => self.object.version_id = filled(text),
            Element::IsLatest => self.object.is_latest = boolean(text).unwrap_or(true),
            _ => {}
        }
        Ok(())
    }

    fn odd(&mut self, why: &'static str, key: Option<Vec<u8>>) {
        let odd = self.odd.get_or_insert_with(|| Box::new(Odd { why, key: None }));
        odd.key = key.or(odd.key.take());
        if matches!(why, NOT_UTF8 | GARBLED) {
            // Where the name is what is wrong, that is what is to be known.
            odd.why = why;
        }
    }

    fn set_key(&mut self, name: Named) {
        match name {
            Named::Text(key) => self.object.key = key,
            Named::Bytes(bytes) => self.odd(NOT_UTF8, Some(bytes)),
            Named::Garbled(text) => {
                self.object.key = text;
                self.odd(GARBLED, None);
            }
        }
    }

    fn finish_object(&mut self, kind: Element) -> Result<(), String> {
        let mut object = std::mem::replace(&mut self.object, Object::new(""));
        object.is_delete_marker = kind == Element::DeleteMarker;
        if !std::mem::take(&mut self.has_size) && !object.is_delete_marker {
            self.odd("it has no Size", None);
        }
        match self.odd.take() {
            None if object.key.is_empty() => Err(format!("a {kind:?} has no Key")),
            None => self.push(Listed::Entry(Entry::Object(object))),
            Some(odd) => {
                let unreadable = match odd.key {
                    Some(bytes) => Unreadable::of_bytes(bytes, odd.why),
                    None if object.key.is_empty() => {
                        return Err(format!("a {kind:?} has no Key"));
                    }
                    None if odd.why == GARBLED => Unreadable::garbled(object.key, odd.why),
                    None => Unreadable::new(object.key, odd.why),
                };
                self.push(Listed::unreadable(unreadable))
            }
        }
    }

    fn finish_group(&mut self, name: Named) -> Result<(), String> {
        self.page.groups += 1;
        self.push(match name {
            Named::Text(prefix) => Listed::Entry(Entry::CommonPrefix(CommonPrefix { prefix })),
            Named::Bytes(bytes) => {
                Listed::unreadable(Unreadable::of_bytes(bytes, NOT_UTF8).of_group())
            }
            Named::Garbled(text) => {
                Listed::unreadable(Unreadable::garbled(text, GARBLED).of_group())
            }
        })
    }

    fn push(&mut self, listed: Listed) -> Result<(), String> {
        self.page.bytes += listed.bytes();
        if self.page.bytes > self.most_bytes {
            return Err(format!(
                "it is too long for memory_limit: {} entries, and it goes on",
                self.page.entries.len()
            ));
        }
        self.page.entries.push(listed);
        Ok(())
    }

    /// A key or prefix, decoded if it is known already that it must be.
    fn name(&self, text: &str) -> Named {
        match self.encoding {
            Some(Encoding::Url) => decoded(text),
            Some(Encoding::Plain) | None => Named::Text(text.to_owned()),
        }
    }

    /// RadosGW says it first, AWS before the entries, others at the end.
    fn encoding(&mut self, text: &str) -> Result<(), String> {
        let is_url = text.trim().eq_ignore_ascii_case("url");
        let encoding = if is_url { Encoding::Url } else { Encoding::Plain };
        match self.encoding.replace(encoding) {
            None => self.undecoded = self.page.entries.len(),
            Some(before) if before == encoding => {}
            Some(_) => return Err("it has two encoding types".to_owned()),
        }
        Ok(())
    }

    fn finish(self) -> Result<ListPage, String> {
        let mut page = self.page;
        page.is_truncated = self.is_truncated.ok_or("IsTruncated is missing")?;
        if let Some(field) = self.goes_on.filter(|_| !page.is_truncated) {
            return Err(format!("IsTruncated is false, but there is a {field:?}"));
        }
        if self.encoding == Some(Encoding::Url) {
            for listed in &mut page.entries[..self.undecoded] {
                decode(listed);
            }
        }
        Ok(page)
    }
}

/// Decodes the name of what came before it was known that it is encoded.
fn decode(listed: &mut Listed) {
    let (name, is_group) = match listed {
        Listed::Entry(Entry::Object(object)) => (&mut object.key, false),
        Listed::Entry(Entry::CommonPrefix(group)) => (&mut group.prefix, true),
        Listed::Unreadable(unreadable) => return unreadable.decode(),
    };
    let unreadable = match decoded(name) {
        Named::Text(text) => {
            *name = text;
            return;
        }
        Named::Bytes(bytes) => Unreadable::of_bytes(bytes, NOT_UTF8),
        Named::Garbled(text) => Unreadable::garbled(text, GARBLED),
    };
    *listed = Listed::unreadable(if is_group { unreadable.of_group() } else { unreadable });
}

fn decoded(name: &str) -> Named {
    match encode::decode_listed(name).map(String::from_utf8) {
        Some(Ok(text)) => Named::Text(text),
        Some(Err(error)) => Named::Bytes(error.into_bytes()),
        None => Named::Garbled(name.to_owned()),
    }
}

/// Keeps what is said once.
fn once(place: &mut Option<String>, value: Option<String>, field: Element) -> Result<(), String> {
    if value.is_none() {
        return Ok(());
    }
    match place.replace(value.unwrap_or_default()) {
        None => Ok(()),
        Some(_) => Err(format!("it has two of {field:?}")),
    }
}

/// A boolean of XML; some servers write Python's or C#'s `False`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

pub(super) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
