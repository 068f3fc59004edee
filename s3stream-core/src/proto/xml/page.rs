//! A page of a listing, made while its text arrives and given away only when it is whole.

use super::document::{Document, Sink};
use super::element::Element;
use crate::object::{CommonPrefix, ETag, Entry, Object, storage_class};
use crate::proto::encode;
use crate::time::Timestamp;

/// One page of ListObjectsV2, ListObjects or ListObjectVersions, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListPage {
    /// Objects and common prefixes, in the order of the page.
    pub(crate) entries: Vec<Entry>,
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
}

/// A page in progress: feed it what comes, in pieces of any size.
///
/// It holds the entries so far and the bytes of one unfinished element, not the text.
pub(crate) struct PageParser {
    document: Document,
    page: Draft,
}

impl PageParser {
    /// A page of objects, or of versions.
    pub(crate) fn new(versions: bool) -> Self {
        let root = if versions { Element::ListVersionsResult } else { Element::ListBucketResult };
        PageParser { document: Document::default(), page: Draft::new(root) }
    }

    /// Takes the next bytes in; the error says in one line why this is no page.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.document.feed(bytes, &mut self.page)
    }

    /// The page, now that nothing more comes; an error if it is not whole.
    pub(crate) fn finish(mut self) -> Result<ListPage, String> {
        self.document.finish(&mut self.page)?;
        self.page.finish()
    }
}

/// What is known of a page so far.
struct Draft {
    root: Element,
    page: ListPage,
    is_truncated: Option<bool>,
    encoding: Option<Encoding>,
    /// So many of the first entries came before it was known whether names are encoded.
    undecoded: usize,
    /// The object whose fields are coming.
    object: Object,
    has_size: bool,
}

/// How names are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Url,
}

impl Sink for Draft {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        super::expect_root(name, self.root)
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        use Element::*;
        match path {
            [_, Contents | Version | DeleteMarker, field] => self.field(*field, text)?,
            [_, kind @ (Contents | Version | DeleteMarker)] => self.finish_object(*kind)?,
            [_, CommonPrefixes, Prefix] => {
                let prefix = self.name(text)?;
                self.page.groups += 1;
                self.page.entries.push(Entry::CommonPrefix(CommonPrefix { prefix }));
            }
            [_, IsTruncated] => self.is_truncated = boolean(text),
            [_, NextContinuationToken] => self.page.next_token = filled(text),
            [_, NextVersionIdMarker] => self.page.next_version_id_marker = filled(text),
            [_, KeyCount] => self.page.key_count = text.trim().parse().ok(),
            [_, Marker] => self.page.has_marker = true,
            [_, EncodingType] => self.encoding(text)?,
            _ => {}
        }
        Ok(())
    }
}

impl Draft {
    fn new(root: Element) -> Self {
        Draft {
            root,
            page: ListPage::default(),
            is_truncated: None,
            encoding: None,
            undecoded: 0,
            object: Object::new(""),
            has_size: false,
        }
    }

    fn field(&mut self, field: Element, text: &str) -> Result<(), String> {
        match field {
            Element::Key => self.object.key = self.name(text)?,
            Element::Size => {
                self.object.size = text.trim().parse().map_err(|_| "a Size is not a number")?;
                self.has_size = true;
            }
            Element::ETag => self.object.etag = ETag::parse(text),
            Element::LastModified => self.object.last_modified = Timestamp::parse_iso8601(text),
            Element::StorageClass => {
                self.object.storage_class = (!text.is_empty()).then(|| storage_class(text));
            }
            Element::VersionId => self.object.version_id = filled(text),
            Element::IsLatest => self.object.is_latest = boolean(text).unwrap_or(true),
            _ => {}
        }
        Ok(())
    }

    fn finish_object(&mut self, kind: Element) -> Result<(), String> {
        let mut object = std::mem::replace(&mut self.object, Object::new(""));
        if object.key.is_empty() {
            return Err(format!("a {kind:?} has no Key"));
        }
        object.is_delete_marker = kind == Element::DeleteMarker;
        if !std::mem::take(&mut self.has_size) && !object.is_delete_marker {
            return Err(format!("a {kind:?} has no Size"));
        }
        self.page.entries.push(Entry::Object(object));
        Ok(())
    }

    /// A key or prefix, decoded if it is known already that it must be.
    fn name(&self, text: &str) -> Result<String, String> {
        match self.encoding {
            Some(Encoding::Url) => decoded(text),
            Some(Encoding::Plain) | None => Ok(text.to_owned()),
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
        if self.encoding == Some(Encoding::Url) {
            for entry in &mut page.entries[..self.undecoded] {
                let name = match entry {
                    Entry::Object(object) => &mut object.key,
                    Entry::CommonPrefix(group) => &mut group.prefix,
                };
                *name = decoded(name)?;
            }
        }
        Ok(page)
    }
}

fn decoded(name: &str) -> Result<String, String> {
    encode::decode_listed(name)
        .ok_or_else(|| format!("'{name}' is not a percent-encoded UTF-8 name"))
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
