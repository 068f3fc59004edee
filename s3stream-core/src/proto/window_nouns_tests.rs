//! What a window says of itself.

use super::*;
use crate::proto::headers::Headers;
use crate::proto::response::object_head;

fn window(offset: u64, length: Option<u64>) -> Window {
    Window::new(Extent { offset, length })
}

#[test]
fn a_window_is_whole_or_open_ended_by_what_was_asked_for() {
    for (offset, length, is_whole, is_open_ended) in [
        (0, None, true, true),
        (1, None, false, true),
        (0, Some(9), false, false),
        (1, Some(9), false, false),
    ] {
        let window = window(offset, length);
        let got = (window.is_whole(), window.is_open_ended());
        assert_eq!(got, (is_whole, is_open_ended), "{offset} {length:?}");
    }
}

#[test]
fn the_end_is_known_once_the_object_is() {
    let mut object = Object::new("k");
    object.size = 100;
    for (offset, length, end) in [(0, None, 100), (40, Some(9), 49), (40, Some(90), 100)] {
        let window = window(offset, length);
        assert_eq!(window.end(), u64::MAX);
        let pinned = Window::pinned(window.extent, &object);
        assert_eq!((pinned.end(), pinned.part(window.extent).end()), (end, end));
    }
}

#[test]
fn only_a_body_of_which_nothing_is_skipped_may_be_read_in_place() {
    let fields = [("etag", "e"), ("content-length", "100")];
    let headers: Headers = fields.into_iter().collect();
    let whole = object_head("k", &headers).unwrap();
    for (offset, is_exact) in [(0, true), (40, false)] {
        let mut window = window(offset, None);
        window.accept(200, &whole).unwrap();
        assert_eq!(window.is_exact(), is_exact, "{offset}");
        window.trim(Bytes::from(vec![0; 40])).unwrap();
        assert!(window.is_exact());
    }
}

#[test]
fn a_body_that_broke_off_is_asked_for_from_its_next_byte() {
    let fields = [("etag", "e"), ("content-length", "100"), ("transfer-encoding", "chunked")];
    let chunked = object_head("k", &fields.into_iter().collect()).unwrap();
    let mut window = window(0, None);
    window.accept(200, &chunked).unwrap();
    window.advance(40);
    assert_eq!(window.range().as_deref(), Some("bytes=40-99"));
}

#[test]
fn a_first_reply_without_an_etag_may_only_be_empty() {
    for (length, is_taken) in [("0", true), ("1", false)] {
        let headers: Headers = [("content-length", length)].into_iter().collect();
        let got = window(0, None).accept(200, &object_head("k", &headers).unwrap());
        assert_eq!(got.is_ok(), is_taken, "{length}");
    }
}
