//! Doors for the fuzz targets in `tests/fuzz`; only there with `--cfg fuzzing`.

use std::time::Duration;

use bytes::Bytes;

use crate::proto::checksum::Proof;
use crate::proto::headers::Headers;
use crate::proto::pages::{Pages, Selection};
use crate::proto::response::{ContentRange, Refusal, object_head};
use crate::proto::window::{Extent, Window};
use crate::proto::xml::PageParser;
use crate::proto::{encode, name, xml};
use crate::time::Timestamp;
use crate::verdict::Integrity;

/// Parses a page of a listing, in pieces too, and feeds it to a listing in progress twice.
pub fn list_page(text: &str) {
    let parse = |versions, size| {
        let mut parser = PageParser::new(versions, 1 << 20);
        text.as_bytes().chunks(size).try_for_each(|piece| parser.feed(piece))?;
        parser.finish()
    };
    for versions in [false, true] {
        let mut pages = Pages::new(Selection { versions, ..Selection::default() });
        for size in [text.len().max(1), 7] {
            let Ok(page) = parse(versions, size) else {
                assert!(parse(versions, 1).is_err(), "a page whichever way it is cut, or none");
                break;
            };
            assert_eq!(parse(versions, 1).as_ref(), Ok(&page));
            let Some(began) = Timestamp::from_unix_seconds(0) else { return };
            if pages.accept(page, began, 1 << 16).is_err() || pages.is_done() {
                break;
            }
            assert!(!pages.query().is_empty());
        }
    }
    let _ = xml::buckets(text);
}

/// Reads a refusal: a status, headers and a body of any bytes.
pub fn refusal(status: u16, headers: &[(String, String)], body: &[u8]) {
    let headers = to_headers(headers);
    let refusal = Refusal::read(status, &headers, body);
    let _ = (refusal.kind(false), refusal.failure(), refusal.hint("us-east-1"));
    let _ = (refusal.location(), refusal.describe(), refusal.advice());
    assert!(refusal.retry_after.is_none_or(|wait| wait <= Duration::MAX));
}

/// Reads the head of an object and takes a body in: never more than the object holds.
pub fn object(headers: &[(String, String)], offset: u64, pieces: &[Vec<u8>]) {
    let Ok(head) = object_head("key", &to_headers(headers)) else { return };
    let _ = Proof::choose(&head, Integrity::Full);
    let mut window = Window::new(Extent { offset, length: None });
    let status = if head.content_range.is_some() { 206 } else { 200 };
    if window.accept(status, &head).is_err() {
        return;
    }
    let total = window.total().expect("an accepted reply pins the size");
    for piece in pieces {
        let Ok(given) = window.trim(Bytes::copy_from_slice(piece)) else { return };
        window.advance(given.len());
        assert!(given.len() <= piece.len() && window.position() <= total);
        let _ = window.accept(status, &head);
    }
}

/// Parses the small texts that headers hold.
pub fn header_values(text: &str) {
    if let Some(range) = ContentRange::parse(text) {
        assert!(range.first <= range.last);
    }
    let _ = (Timestamp::parse_http_date(text), Timestamp::parse_iso8601(text));
    let _ = (crate::ETag::parse(text), encode::decode_listed(text));
}

/// Parses a profile file.
pub fn profile_file(text: &str) {
    crate::config::parse_profile_file(text);
}

/// Maps a key to a file name and back.
pub fn file_name(text: &str) {
    if !text.is_empty() {
        let name = name::file_name(text);
        assert!(
            name.split('/').all(|piece| !matches!(piece, "" | "." | "..") && piece.len() <= 255)
        );
        assert_eq!(name::key(&name).expect("a name of ours"), text);
    }
    if let Ok(key) = name::key(text) {
        assert!(!key.is_empty());
    }
}

fn to_headers(fields: &[(String, String)]) -> Headers {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
