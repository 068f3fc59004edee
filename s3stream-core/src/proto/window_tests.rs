use super::*;
use crate::proto::headers::Headers;
use crate::proto::response::object_head;

/// Kinds of failure, shortened for the tables.
const CHANGED: Result<u64, ErrorKind> = Err(ErrorKind::Changed);
const PROTOCOL: Result<u64, ErrorKind> = Err(ErrorKind::Protocol);

fn head_of(fields: &[(&str, &str)]) -> ObjectHead {
    let headers: Headers = fields.iter().copied().collect();
    object_head("k", &headers).unwrap()
}

fn head(etag: &str, length: u64, range: Option<&str>) -> ObjectHead {
    let length = length.to_string();
    let mut fields = vec![("etag", etag), ("content-length", &length)];
    fields.extend(range.map(|range| ("content-range", range)));
    head_of(&fields)
}

/// The same without a length: chunked, or ended by the connection.
fn open_ended(range: Option<&str>, size: Option<u64>) -> ObjectHead {
    let mut fields = vec![("etag", "e"), ("transfer-encoding", "chunked")];
    fields.extend(range.map(|range| ("content-range", range)));
    let mut head = head_of(&fields);
    // As the reader has learnt it elsewhere.
    head.content_length = size;
    head
}

/// What an honest server's status is.
fn accept(window: &mut Window, head: &ObjectHead) -> Result<(), Refused> {
    let status = if head.content_range.is_some() { 206 } else { 200 };
    window.accept(status, head)
}

fn take(window: &mut Window, length: usize) -> usize {
    let taken = window.trim(Bytes::from(vec![1; length])).unwrap().len();
    window.advance(taken);
    taken
}

fn is_too_long(window: &mut Window, length: usize) -> bool {
    window.trim(Bytes::from(vec![1; length])).is_err_and(|why| why.kind == ErrorKind::Protocol)
}

fn opened(extent: Extent, delivered: usize) -> Window {
    let mut window = Window::new(extent);
    let first = match extent {
        Extent { offset: 0, length: None } => head("e", 100, None),
        Extent { offset, length } => {
            let end = length.map_or(100, |l| (offset + l).min(100));
            head("e", end - offset, Some(&format!("bytes {offset}-{}/100", end - 1)))
        }
    };
    accept(&mut window, &first).unwrap();
    assert_eq!(take(&mut window, delivered), delivered);
    window
}

fn extent(offset: u64, length: Option<u64>) -> Extent {
    Extent { offset, length }
}

#[test]
fn a_read_asks_for_the_whole_and_a_resume_for_the_rest() {
    let mut window = Window::new(extent(0, None));
    assert_eq!((window.range(), window.if_match()), (None, None));
    accept(&mut window, &head("e", 100, None)).unwrap();
    assert_eq!(window.range(), None);
    take(&mut window, 40);
    assert_eq!(window.range().as_deref(), Some("bytes=40-99"));
    assert_eq!(window.if_match().as_deref(), Some("\"e\""));
    assert_eq!(Window::new(extent(5, None)).range().as_deref(), Some("bytes=5-"));
    assert_eq!(Window::new(extent(5, Some(9))).range().as_deref(), Some("bytes=5-13"));
    assert_eq!(Window::new(extent(0, Some(9))).range().as_deref(), Some("bytes=0-8"));
}

#[test]
fn replies_to_a_resume_are_judged_by_what_they_hold() {
    let table = [
        (206, head("e", 60, Some("bytes 40-99/100")), Ok(0)),
        (206, head("e", 60, Some("bytes 40-99/*")), Ok(0)),
        // rclone.
        (200, head("e", 60, Some("bytes 40-99/100")), Ok(0)),
        (200, head("e", 100, None), Ok(40)),
        (206, head("e", 100, Some("bytes 0-99/100")), Ok(40)),
        (206, head("other", 60, Some("bytes 40-99/100")), CHANGED),
        (206, head("e", 60, Some("bytes 40-99/101")), CHANGED),
        (200, head("e", 101, None), CHANGED),
        (206, head("e", 59, Some("bytes 41-99/100")), PROTOCOL),
        (206, head("e", 61, Some("bytes 39-99/100")), PROTOCOL),
        (206, head("e", 59, Some("bytes 40-98/100")), PROTOCOL),
        (206, head("e", 50, Some("bytes 40-99/100")), PROTOCOL),
        (206, head("", 60, Some("bytes 40-99/100")), PROTOCOL),
        (206, head("e", 60, None), PROTOCOL),
        (206, head("e", 100, None), PROTOCOL),
        (203, head("e", 60, Some("bytes 40-99/100")), PROTOCOL),
        (204, head("e", 60, Some("bytes 40-99/100")), PROTOCOL),
    ];
    for (status, reply, outcome) in table {
        let mut window = opened(extent(0, None), 40);
        let got = window.accept(status, &reply).map(|()| window.skip).map_err(|why| why.kind);
        assert_eq!(got, outcome, "{status} {reply:?}");
    }
}

#[test]
fn status_range_and_request_must_agree() {
    let whole = extent(0, None);
    let part = extent(40, None);
    let inner = extent(2, Some(10));
    let byteranges = |fields: &[(&str, &str)]| {
        let mut all = vec![("etag", "e"), ("content-type", "multipart/byteranges; boundary=x")];
        all.extend(fields);
        head_of(&all)
    };
    let table = [
        (whole, 200, head("e", 100, None), Ok(0)),
        (whole, 206, head("e", 100, Some("bytes 0-99/100")), Ok(0)),
        (whole, 200, head("e", 100, Some("bytes 0-99/100")), Ok(0)),
        (whole, 206, head("e", 40, None), PROTOCOL),
        (whole, 206, head("e", 40, Some("bytes 0-39/100")), PROTOCOL),
        (whole, 200, head("e", 40, Some("bytes 0-39/100")), PROTOCOL),
        (whole, 206, head("e", 60, Some("bytes 40-99/100")), PROTOCOL),
        (part, 206, head("e", 60, Some("bytes 40-99/100")), Ok(0)),
        (part, 200, head("e", 60, Some("bytes 40-99/100")), Ok(0)),
        (part, 200, head("e", 100, None), Ok(40)),
        (part, 206, head("e", 60, None), PROTOCOL),
        (part, 206, head("e", 60, Some("bytes 40-99/*")), PROTOCOL),
        (part, 206, head("e", 60, Some("bytes 20-79/80")), PROTOCOL),
        (part, 200, head("e", 30, None), Err(ErrorKind::InvalidInput)),
        (inner, 206, head("e", 10, Some("bytes 2-11/100")), Ok(0)),
        (inner, 206, head("e", 8, Some("bytes 2-9/10")), Ok(0)),
        (inner, 200, head("e", 100, None), Ok(2)),
        (inner, 206, head("e", 10, None), PROTOCOL),
        (inner, 206, head("e", 10, Some("bytes 2-9/100")), PROTOCOL),
        (inner, 206, head("e", 8, Some("bytes 2-9/100")), PROTOCOL),
        // Framing of parts, with and without a claim to be one part.
        (inner, 206, byteranges(&[("content-length", "10")]), PROTOCOL),
        (inner, 206, byteranges(&[("content-range", "bytes 2-11/100")]), PROTOCOL),
        (
            inner,
            206,
            byteranges(&[("content-length", "90"), ("content-range", "bytes 2-11/100")]),
            PROTOCOL,
        ),
        // An object may be of that type itself: then its part is as long as it says.
        (
            inner,
            206,
            byteranges(&[("content-length", "10"), ("content-range", "bytes 2-11/100")]),
            Ok(0),
        ),
        (whole, 200, byteranges(&[("content-length", "100")]), Ok(0)),
        (whole, 201, head("e", 100, None), PROTOCOL),
        (whole, 202, head("e", 100, None), PROTOCOL),
        (whole, 203, head("e", 100, None), PROTOCOL),
        (whole, 204, head("e", 0, None), PROTOCOL),
        (whole, 205, head("e", 0, None), PROTOCOL),
        (whole, 207, head("e", 100, None), PROTOCOL),
        (part, 202, head("e", 60, Some("bytes 40-99/100")), PROTOCOL),
        (part, 207, head("e", 60, Some("bytes 40-99/100")), PROTOCOL),
    ];
    for (extent, status, reply, outcome) in table {
        let mut window = Window::new(extent);
        let got = window.accept(status, &reply).map(|()| window.skip).map_err(|why| why.kind);
        assert_eq!(got, outcome, "{extent:?} {status} {reply:?}");
    }
}

#[test]
fn a_whole_reply_to_a_resume_is_skipped_up_to_the_offset() {
    let mut window = opened(extent(0, None), 40);
    accept(&mut window, &head("e", 100, None)).unwrap();
    assert_eq!(take(&mut window, 30), 0);
    assert_eq!(take(&mut window, 30), 20);
    assert_eq!(window.position(), 60);
    assert!(!window.is_complete());
    assert_eq!(take(&mut window, 400), 40);
    assert!(window.is_complete());
}

#[test]
fn ranges_end_where_the_object_does() {
    let window = opened(extent(90, Some(50)), 10);
    assert!(window.is_complete());
    let window = opened(extent(10, Some(5)), 5);
    assert!(window.is_complete() && window.delivered() == 5);
}

#[test]
fn an_empty_object_is_complete_at_once() {
    let mut window = Window::new(extent(0, None));
    accept(&mut window, &head("e", 0, None)).unwrap();
    assert!(window.is_complete());
}

#[test]
fn a_body_that_is_not_counted_must_be_seen_to_end() {
    let whole = open_ended(None, Some(100));
    let both =
        head_of(&[("etag", "e"), ("content-length", "100"), ("transfer-encoding", "chunked")]);
    let rest = open_ended(Some("bytes 40-99/100"), None);
    for (offset, reply) in [(0, &whole), (0, &both), (40, &whole), (40, &rest)] {
        let begun = || {
            let mut window = Window::new(extent(offset, None));
            accept(&mut window, reply).unwrap();
            let skip = usize::try_from(window.skip).unwrap();
            assert_eq!(take(&mut window, skip), 0);
            let all = usize::try_from(100 - offset).unwrap();
            assert_eq!(take(&mut window, all), all);
            window
        };
        let mut window = begun();
        assert!(!window.is_complete(), "{reply:?}");
        assert!(is_too_long(&mut window, 1));
        let mut window = begun();
        assert!(window.body_ended() == Ok(BodyEnd::Read) && window.is_complete());
        let mut window = begun();
        assert_eq!(window.range().as_deref(), Some("bytes=99-99"), "the end is asked for again");
        accept(&mut window, &open_ended(Some("bytes 99-99/100"), None)).unwrap();
        assert_eq!(window.body_ended(), Ok(BodyEnd::Closed), "not before its byte has come");
        assert_eq!(take(&mut window, 1), 0);
        assert!(is_too_long(&mut window, 1));
        assert_eq!(window.body_ended(), Ok(BodyEnd::Read));
    }
}

#[test]
fn a_counted_body_ends_by_its_count() {
    let mut window = Window::new(extent(0, None));
    accept(&mut window, &head("e", 100, None)).unwrap();
    assert_eq!(take(&mut window, 100), 100);
    assert!(window.is_complete());
}

#[test]
fn what_was_not_asked_for_is_cut_where_the_reply_says_that_it_comes() {
    let mut window = Window::new(extent(10, Some(5)));
    accept(&mut window, &open_ended(None, Some(100))).unwrap();
    assert_eq!(take(&mut window, 90), 5);
    assert!(window.is_complete());
    let mut window = Window::new(extent(10, Some(5)));
    accept(&mut window, &open_ended(Some("bytes 10-14/100"), None)).unwrap();
    assert!(is_too_long(&mut window, 6));
}

#[test]
fn an_empty_body_that_is_not_counted_must_be_seen_to_end_too() {
    for extent in [extent(0, None), extent(0, Some(512))] {
        let mut window = Window::new(extent);
        accept(&mut window, &open_ended(None, Some(0))).unwrap();
        assert!(!window.is_complete());
        assert_eq!(window.range(), None, "no range lies in it");
        assert!(is_too_long(&mut window, 1));
        assert_eq!(window.body_ended(), Ok(BodyEnd::Read));
    }
}

#[test]
fn nothing_is_waited_for_where_nothing_was_wanted() {
    let mut window = Window::new(extent(100, None));
    accept(&mut window, &open_ended(None, Some(100))).unwrap();
    assert!(window.is_complete());
}

#[test]
fn a_body_that_is_given_up_is_not_waited_for() {
    let mut window = Window::new(extent(0, None));
    accept(&mut window, &open_ended(None, Some(100))).unwrap();
    take(&mut window, 40);
    window.leave_body();
    window.advance(60);
    assert!(window.is_complete());
}

#[test]
fn only_where_the_object_ends_is_its_end() {
    let mut object = Object::new("k");
    for (size, offset, is_end) in [(0, 0, true), (10, 10, true), (10, 9, false), (10, 11, false)] {
        object.size = size;
        let mut window = Window::new(extent(offset, Some(512)));
        assert_eq!(window.begins_at_the_end_of(&object), is_end, "{size} {offset}");
        assert_eq!(window.is_complete(), is_end);
        assert_eq!(window.total(), is_end.then_some(size));
    }
}

#[test]
fn a_body_that_ends_too_early_may_have_broken_or_was_closed() {
    let ended = |fields: &[(&str, &str)]| {
        let mut all = vec![("etag", "e")];
        all.extend(fields);
        let mut head = head_of(&all);
        head.content_length = Some(100);
        let mut window = Window::new(extent(0, None));
        accept(&mut window, &head).unwrap();
        take(&mut window, 99);
        window.body_ended().map_err(|why| why.kind)
    };
    let chunked = ("transfer-encoding", "Chunked");
    let coded = ("content-encoding", "gzip");
    for (fields, end) in [
        (&[chunked][..], Ok(BodyEnd::Closed)),
        (&[chunked, coded], Err(ErrorKind::Protocol)),
        (&[], Ok(BodyEnd::Short)),
        (&[coded], Ok(BodyEnd::Short)),
        (&[("content-length", "100")], Ok(BodyEnd::Short)),
    ] {
        assert_eq!(ended(fields), end, "{fields:?}");
    }
}

#[test]
fn a_reply_that_was_changed_on_its_way_is_refused() {
    let weak = ("etag", "W/\"e\"");
    let strong = ("etag", "\"e\"");
    let coded = ("content-encoding", "gzip");
    let length = ("content-length", "100");
    let chunked = ("transfer-encoding", "chunked");
    let table: [(&[(&str, &str)], bool); 8] = [
        (&[strong, length], true),
        (&[weak, length], true),
        (&[strong, length, coded], true),
        (&[strong, chunked, coded], true),
        (&[weak, length, coded], true),
        (&[weak, chunked], true),
        (&[weak, chunked, coded], false),
        (&[strong, length, ("warning", "214 p transformed")], false),
    ];
    for (fields, is_right) in table {
        let mut head = head_of(fields);
        head.content_length.get_or_insert(100);
        let got = accept(&mut Window::new(extent(0, None)), &head);
        assert_eq!(got.is_ok(), is_right, "{fields:?}");
    }
}

#[test]
fn a_weak_tag_is_an_identity_but_no_condition() {
    let mut window = Window::new(extent(0, None));
    accept(&mut window, &head("W/\"e\"", 100, None)).unwrap();
    take(&mut window, 40);
    assert_eq!(window.if_match(), None);
    let rest = Some("bytes 40-99/100");
    assert_eq!(accept(&mut window.clone(), &head("W/\"e\"", 60, rest)), Ok(()));
    assert_eq!(accept(&mut window.clone(), &head("e", 60, rest)), Ok(()));
    let other = accept(&mut window, &head("W/\"f\"", 60, rest));
    assert_eq!(other.unwrap_err().kind, ErrorKind::Changed);
}
