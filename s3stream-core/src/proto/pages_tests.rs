//! Pages as servers send them, and what comes of each.

use super::*;
use crate::object::{CommonPrefix, Object};
use crate::proto::xml::Unreadable;

/// Feeds a page to a listing that began at second 2,000.
fn accept(pages: &mut Pages, page: ListPage) -> Result<Accepted, String> {
    let began = Timestamp::from_unix_seconds(2_000).unwrap();
    pages.accept(page, began, 1 << 20).map_err(|wrong| match wrong {
        Wrong::Page(why) | Wrong::Order(why) => why,
    })
}

/// An object that was written before, unless `+` is behind its key.
fn object(key: &str) -> Listed {
    let mut object = Object::new(key.trim_end_matches('+'));
    let written = if key.ends_with('+') { 2_000 } else { 1_999 };
    object.last_modified = Timestamp::from_unix_seconds(written);
    Listed::Entry(Entry::Object(object))
}

fn group(prefix: &str) -> Listed {
    Listed::Entry(Entry::CommonPrefix(CommonPrefix { prefix: prefix.to_owned() }))
}

fn page(keys: &[&str], prefixes: &[&str], token: Option<&str>, truncated: bool) -> ListPage {
    let objects = keys.iter().copied().map(object);
    ListPage {
        entries: objects.chain(prefixes.iter().copied().map(group)).collect(),
        groups: prefixes.len(),
        next_token: token.map(str::to_owned),
        is_truncated: truncated,
        ..ListPage::default()
    }
}

fn names(accepted: Accepted) -> Vec<String> {
    match accepted {
        Accepted::Entries(entries) => entries.iter().map(shown).collect(),
        Accepted::AskAgain => vec!["(ask again)".to_owned()],
    }
}

fn shown(listed: &Listed) -> String {
    match listed {
        Listed::Entry(entry) => entry.name().to_owned(),
        Listed::Unreadable(it) => format!("({})", it.name),
    }
}

fn asks(pages: &Pages, name: &str) -> Option<String> {
    pages.query().into_iter().find(|(n, _)| *n == name).map(|(_, value)| value)
}

#[test]
fn a_token_is_sent_back_verbatim() {
    let mut pages = Pages::new(Selection::default());
    accept(&mut pages, page(&["a"], &[], Some("t%2F+"), true)).unwrap();
    assert_eq!(asks(&pages, "continuation-token").as_deref(), Some("t%2F+"));
    assert_eq!(asks(&pages, "start-after"), None);
    accept(&mut pages, page(&["b"], &[], None, false)).unwrap();
    assert!(pages.is_done());
}

#[test]
fn without_a_token_it_goes_on_after_the_greatest_name() {
    let mut pages = Pages::new(Selection::default());
    accept(&mut pages, page(&["a"], &[], None, true)).unwrap();
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("a"));
    // The server ignores start-after and begins again: version 1 is tried.
    let again = accept(&mut pages, page(&["a"], &[], None, true)).unwrap();
    assert_eq!(again, Accepted::AskAgain);
    assert_eq!(asks(&pages, "marker").as_deref(), Some("a"));
    // And when that is ignored too, the listing says so.
    assert!(accept(&mut pages, page(&["a"], &[], None, true)).is_err());
}

#[test]
fn a_reply_in_the_words_of_version_one_is_continued_by_marker() {
    let mut pages = Pages::new(Selection::default());
    let first = ListPage { has_marker: true, ..page(&["a"], &[], None, true) };
    accept(&mut pages, first).unwrap();
    assert_eq!(asks(&pages, "marker").as_deref(), Some("a"));
    assert_eq!(asks(&pages, "list-type"), None);
}

#[test]
fn a_server_without_version_two_is_asked_by_version_one() {
    let mut pages = Pages::new(Selection::default());
    assert!(!pages.refused(403));
    assert!(pages.refused(501));
    assert_eq!(asks(&pages, "list-type"), None);
    assert!(!pages.refused(501));
}

#[test]
fn keys_and_prefixes_come_in_one_order() {
    let mut pages = Pages::new(Selection { delimiter: Some("/".into()), ..Selection::default() });
    let first = accept(&mut pages, page(&["a", "c"], &["b/", "d/"], None, true)).unwrap();
    assert_eq!(names(first), ["a", "b/", "c", "d/"]);
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("d/\u{10FFFF}"));
    // A server that gives the last prefix once more is tolerated, once more only.
    assert_eq!(names(accept(&mut pages, page(&["e"], &["d/"], None, false)).unwrap()), ["e"]);
}

#[test]
fn what_cannot_be_the_next_page_is_refused() {
    let table: [(ListPage, ListPage, &str); 5] = [
        (page(&["a"], &[], Some("t"), true), page(&["b"], &[], Some("t"), true), "repeats"),
        (page(&["a", "b"], &[], Some("t"), true), page(&["a"], &[], None, false), "twice"),
        (page(&["b"], &[], Some("t"), true), page(&["b"], &[], None, false), "twice"),
        (page(&["b"], &[], Some("t"), true), page(&[], &[], None, true), "nowhere"),
        (
            page(&["a"], &[], Some("t"), true),
            ListPage { key_count: Some(2), ..page(&["b"], &[], None, false) },
            "KeyCount",
        ),
    ];
    for (first, second, reason) in table {
        let mut pages = Pages::new(Selection::default());
        accept(&mut pages, first).unwrap();
        let error = accept(&mut pages, second).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    let mut pages = Pages::new(Selection { prefix: "p/".into(), ..Selection::default() });
    assert!(accept(&mut pages, page(&["q"], &[], None, false)).unwrap_err().contains("prefix"));
}

#[test]
fn an_empty_page_with_a_token_is_not_the_end() {
    let mut pages = Pages::new(Selection::default());
    assert!(names(accept(&mut pages, page(&[], &[], Some("t"), true)).unwrap()).is_empty());
    assert!(!pages.is_done());
}

#[test]
fn a_range_of_keys_is_open_at_the_left_and_closed_at_the_right() {
    let selection = Selection {
        start_after: Some("b".into()),
        end_at: Some("d".into()),
        ..Selection::default()
    };
    let mut pages = Pages::new(selection);
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("b"));
    // Even when the server ignores start-after.
    let got = accept(&mut pages, page(&["a", "b", "c", "d", "d0"], &[], Some("t"), true)).unwrap();
    assert_eq!(names(got), ["c", "d"]);
    assert!(pages.is_done());
}

#[test]
fn versions_go_on_inside_the_last_key() {
    let version = |key: &str, id: &str| {
        let mut object = Object::new(key);
        object.version_id = Some(id.to_owned());
        Listed::Entry(Entry::Object(object))
    };
    let mut pages = Pages::new(Selection { versions: true, ..Selection::default() });
    let mut first = page(&[], &[], None, true);
    first.entries = vec![version("k", "3"), version("k", "2")];
    accept(&mut pages, first).unwrap();
    assert_eq!(asks(&pages, "key-marker").as_deref(), Some("k"));
    assert_eq!(asks(&pages, "version-id-marker").as_deref(), Some("2"));
    let mut second = page(&[], &[], None, false);
    second.entries = vec![version("k", "1"), version("l", "1")];
    assert_eq!(names(accept(&mut pages, second).unwrap()), ["k", "l"]);
}

#[test]
fn the_end_of_a_range_needs_no_request_to_be_believed() {
    let selection = Selection { end_at: Some("b".into()), ..Selection::default() };
    let mut pages = Pages::new(selection.clone());
    accept(&mut pages, page(&["a", "b"], &[], Some("t"), true)).unwrap();
    assert!(pages.is_done());
    // Older versions of that key may follow.
    let mut pages = Pages::new(Selection { versions: true, ..selection });
    accept(&mut pages, page(&["a", "b"], &[], None, true)).unwrap();
    assert!(!pages.is_done());
}

#[test]
fn a_listing_that_is_split_is_asked_for_in_the_same_words() {
    let mut pages = Pages::new(Selection { prefix: "p".into(), ..Selection::default() });
    assert!(pages.refused(501));
    let beyond = pages.split_off("pm");
    assert_eq!((pages.range(), beyond.range()), ((None, Some("pm")), (Some("pm"), None)));
    assert_eq!(asks(&beyond, "marker").as_deref(), Some("pm"));
    assert_eq!(asks(&beyond, "prefix").as_deref(), Some("p"));
}

#[test]
fn a_server_that_ignores_the_start_is_noticed() {
    let selection = Selection { start_after: Some("b".into()), ..Selection::default() };
    let mut pages = Pages::new(selection);
    assert_eq!(names(accept(&mut pages, page(&["a", "b", "c"], &[], None, false)).unwrap()), ["c"]);
    assert!(pages.ignores_start());
}

#[test]
fn the_sorts_of_listing_are_told_apart() {
    let versions = Selection { versions: true, ..Selection::default() };
    assert!(Pages::new(versions).is_versions());
    assert!(!Pages::new(Selection::default()).is_versions());
}

#[test]
fn a_page_is_checked_whole_before_it_is_cut() {
    let between = |start: Option<&str>, end: Option<&str>| Selection {
        start_after: start.map(str::to_owned),
        end_at: end.map(str::to_owned),
        ..Selection::default()
    };
    let table = [
        (between(None, Some("m")), vec!["a", "z", "b"], "ascend"),
        (between(None, Some("m")), vec!["z", "a"], "ascend"),
        (between(Some("m"), None), vec!["n", "a", "o"], "ascend"),
        (between(Some("m"), None), vec!["b", "a", "n"], "ascend"),
        (between(Some("m"), Some("p")), vec!["n", "z", "z"], "ascend"),
        (Selection { prefix: "p".into(), ..between(None, Some("pm")) }, vec!["pa", "q"], "prefix"),
    ];
    for (selection, keys, reason) in table {
        let mut pages = Pages::new(selection);
        let error = accept(&mut pages, page(&keys, &[], None, false)).unwrap_err();
        assert!(error.contains(reason), "{keys:?}: {error}");
        assert!(!pages.is_done(), "{keys:?}");
    }
}

#[test]
fn a_start_before_the_prefix_is_never_sent() {
    let selection = |start: &str| Selection {
        prefix: "p/".into(),
        start_after: Some(start.into()),
        ..Selection::default()
    };
    assert_eq!(asks(&Pages::new(selection("a")), "start-after"), None);
    assert_eq!(asks(&Pages::new(selection("p/a")), "start-after").as_deref(), Some("p/a"));
    let mut pages = Pages::new(selection("a"));
    assert!(pages.refused(501));
    assert_eq!(asks(&pages, "marker"), None);
}

#[test]
fn groups_are_left_out_only_if_no_key_of_them_can_follow() {
    let selection = Selection {
        delimiter: Some("/".into()),
        start_after: Some("b/c".into()),
        ..Selection::default()
    };
    let mut pages = Pages::new(selection);
    let got = accept(&mut pages, page(&["b", "b/c", "d"], &["a/", "b/", "c/"], None, false));
    assert_eq!(names(got.unwrap()), ["b/", "c/", "d"]);
}

#[test]
fn only_the_first_request_of_a_dialect_may_be_refused() {
    for status in [400, 405, 501] {
        let mut pages = Pages::new(Selection::default());
        assert!(pages.refused(status), "{status}");
        assert!(!pages.refused(status), "{status}");
        let mut versions = Pages::new(Selection { versions: true, ..Selection::default() });
        assert!(!versions.refused(status), "{status}");
        let mut later = Pages::new(Selection::default());
        accept(&mut later, page(&["a"], &[], Some("t"), true)).unwrap();
        assert!(!later.refused(status), "{status}");
        let mut empty = Pages::new(Selection::default());
        accept(&mut empty, page(&[], &[], Some("t"), true)).unwrap();
        assert!(!empty.refused(status), "{status}");
    }
    for status in [403, 404, 500, 503] {
        assert!(!Pages::new(Selection::default()).refused(status), "{status}");
    }
}

#[test]
fn a_key_count_may_be_less_than_what_came_but_not_more() {
    for (count, is_good) in [(0, true), (1, true), (2, true), (3, false)] {
        let page = ListPage { key_count: Some(count), ..page(&["a", "b"], &[], None, false) };
        let accepted = accept(&mut Pages::new(Selection::default()), page);
        assert_eq!(accepted.is_ok(), is_good, "{count}");
    }
}

// Without an order.

#[test]
fn another_order_is_followed_by_tokens_and_named() {
    let mut pages = Pages::new(Selection::default());
    accept(&mut pages, page(&["a", "data/x"], &[], Some("t"), true)).unwrap();
    assert_eq!(pages.order(), Order::Ascending);
    let second = accept(&mut pages, page(&["data.json", "b"], &[], Some("u"), true)).unwrap();
    assert_eq!(names(second), ["data.json", "b"]);
    assert_eq!((pages.order(), pages.is_exact()), (Order::Unordered, true));
    assert_eq!(asks(&pages, "continuation-token").as_deref(), Some("u"));
    accept(&mut pages, page(&["z"], &[], None, false)).unwrap();
    assert_eq!(pages.end(), End::Told);
}

#[test]
fn without_an_order_every_other_check_is_kept() {
    let unordered = || {
        let mut pages = Pages::new(Selection { prefix: "p".into(), ..Selection::default() });
        accept(&mut pages, page(&["pc", "pb"], &[], Some("t"), true)).unwrap();
        pages
    };
    let table = [
        (page(&["pc"], &[], None, false), "twice"),
        (page(&["pa", "pa"], &[], None, false), "twice"),
        (page(&["q"], &[], None, false), "prefix"),
        (page(&["pa"], &[], Some("t"), true), "repeats"),
        (page(&["pa"], &[], None, true), "no token"),
        (page(&[], &[], None, true), "nowhere"),
    ];
    for (next, reason) in table {
        let error = accept(&mut unordered(), next).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn what_needs_an_order_refuses_another() {
    let table = [
        Selection { start_after: Some("0".into()), ..Selection::default() },
        Selection { end_at: Some("z".into()), ..Selection::default() },
        Selection { versions: true, ..Selection::default() },
        Selection { is_ordered: true, ..Selection::default() },
    ];
    let began = Timestamp::from_unix_seconds(2_000).unwrap();
    for selection in table {
        let mut pages = Pages::new(selection.clone());
        let wrong = pages.accept(page(&["b", "a"], &[], None, false), began, 1 << 20).unwrap_err();
        assert!(matches!(wrong, Wrong::Order(_)), "{selection:?}: {wrong:?}");
    }
}

#[test]
fn a_server_that_is_known_for_another_order_has_no_ranges_even_if_a_page_ascends() {
    let known = || ListPage { is_unordered: true, ..page(&["b", "c"], &[], None, false) };
    let table = [
        (Selection { start_after: Some("a".into()), ..Selection::default() }, false),
        (Selection { end_at: Some("z".into()), ..Selection::default() }, false),
        (Selection { is_ordered: true, ..Selection::default() }, false),
        (Selection { versions: true, ..Selection::default() }, true),
        (Selection::default(), true),
    ];
    for (selection, is_good) in table {
        let accepted = accept(&mut Pages::new(selection.clone()), known());
        assert_eq!(accepted.is_ok(), is_good, "{selection:?}");
    }
}

#[test]
fn where_too_many_came_to_tell_repeats_it_says_so() {
    let key = |n: usize| format!("k{n:06}");
    let mut pages = Pages::new(Selection::default());
    for from in (0..70_000).step_by(10_000) {
        let keys: Vec<String> = (from..from + 10_000).map(key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        accept(&mut pages, page(&keys, &[], Some(&key(from)), true)).unwrap();
    }
    assert!(pages.is_exact() && pages.bytes() <= 2 << 20, "{} bytes", pages.bytes());
    // A key of the first ones is still known, but not all of the others are.
    let mut circle = pages.clone();
    assert!(accept(&mut circle, page(&[&key(5)], &[], None, false)).is_err());
    accept(&mut pages, page(&["a"], &[], None, false)).unwrap();
    assert_eq!((pages.order(), pages.is_exact()), (Order::Unordered, false));
}

// Behind the end.

fn proving() -> Pages {
    Pages::new(Selection { prove_end: true, ..Selection::default() })
}

#[test]
fn one_request_behind_the_last_key_proves_the_end() {
    let mut pages = proving();
    accept(&mut pages, page(&["a", "b"], &[], None, false)).unwrap();
    assert!(!pages.is_done());
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("b"));
    assert!(names(accept(&mut pages, page(&[], &[], None, false)).unwrap()).is_empty());
    assert_eq!((pages.end(), pages.early_ends()), (End::Proven, 0));
}

#[test]
fn older_keys_behind_the_end_are_taken_and_the_listing_goes_on() {
    let mut pages = proving();
    accept(&mut pages, page(&["a"], &[], None, false)).unwrap();
    // Keys at or before the last one are ignored.
    let got = accept(&mut pages, page(&["0", "a", "b", "c+"], &[], Some("t"), true)).unwrap();
    assert_eq!(names(got), ["b", "c"]);
    assert_eq!(asks(&pages, "continuation-token").as_deref(), Some("t"));
    accept(&mut pages, page(&["d"], &[], None, false)).unwrap();
    // That end is looked behind too.
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("d"));
    accept(&mut pages, page(&[], &[], None, false)).unwrap();
    assert_eq!((pages.end(), pages.early_ends()), (End::Proven, 1));
}

#[test]
fn of_younger_keys_ten_pages_are_taken() {
    let mut pages = proving();
    accept(&mut pages, page(&["a"], &[], None, false)).unwrap();
    for number in 1..=9 {
        let key = format!("b{number}+");
        accept(&mut pages, page(&[&key], &[], None, false)).unwrap();
        assert!(!pages.is_done(), "{number}");
        assert_eq!(asks(&pages, "start-after").as_deref(), Some(format!("b{number}").as_str()));
    }
    assert_eq!(names(accept(&mut pages, page(&["c+"], &[], Some("t"), true)).unwrap()), ["c"]);
    assert_eq!((pages.end(), pages.early_ends()), (End::Outrun, 0));
}

#[test]
fn what_has_no_time_may_be_older() {
    let mut pages = proving();
    accept(&mut pages, page(&["a"], &[], None, false)).unwrap();
    let entries = vec![Listed::Entry(Entry::Object(Object::new("b")))];
    let behind = ListPage { entries, ..ListPage::default() };
    accept(&mut pages, behind).unwrap();
    assert_eq!(pages.early_ends(), 1);
}

#[test]
fn a_server_that_cannot_be_asked_behind_a_key_is_taken_at_its_word() {
    // It ignores start-after, and then marker.
    let mut pages = proving();
    accept(&mut pages, page(&["a", "b"], &[], None, false)).unwrap();
    let again = accept(&mut pages, page(&["a", "b"], &[], None, false)).unwrap();
    assert_eq!(again, Accepted::AskAgain);
    assert_eq!(asks(&pages, "marker").as_deref(), Some("b"));
    accept(&mut pages, page(&["a", "b"], &[], None, false)).unwrap();
    assert_eq!(pages.end(), End::Told);
    // It refuses the one, and knows the other.
    let mut pages = proving();
    accept(&mut pages, page(&["a"], &[], None, false)).unwrap();
    assert!(pages.refused(501));
    assert_eq!(asks(&pages, "marker").as_deref(), Some("a"));
    accept(&mut pages, page(&[], &[], None, false)).unwrap();
    assert_eq!(pages.end(), End::Proven);
    // It refuses both.
    let mut pages = proving();
    accept(&mut pages, page(&["a"], &[], None, false)).unwrap();
    assert!(pages.refused(400) && pages.refused(400));
    assert_eq!(pages.end(), End::Told);
}

#[test]
fn a_key_beyond_the_range_proves_its_end() {
    let selection =
        |end: &str| Selection { end_at: Some(end.into()), prove_end: true, ..Selection::default() };
    for end in ["a", "b"] {
        let mut pages = Pages::new(selection(end));
        accept(&mut pages, page(&["a", "c"], &[], None, false)).unwrap();
        assert_eq!(pages.end(), End::Proven, "{end}");
    }
    let mut pages = Pages::new(selection("d"));
    accept(&mut pages, page(&["a", "c"], &[], None, false)).unwrap();
    assert!(!pages.is_done());
    // Behind the last key, but beyond the range.
    assert!(names(accept(&mut pages, page(&["e"], &[], None, false)).unwrap()).is_empty());
    assert_eq!((pages.end(), pages.early_ends()), (End::Proven, 0));
}

#[test]
fn an_empty_listing_has_no_last_key_to_look_behind() {
    let mut pages = proving();
    accept(&mut pages, page(&[], &[], None, false)).unwrap();
    assert_eq!(pages.end(), End::Told);
}

#[test]
fn the_end_of_versions_and_of_groups_is_proven_alike() {
    let mut versions =
        Pages::new(Selection { versions: true, prove_end: true, ..Selection::default() });
    accept(&mut versions, page(&["a"], &[], None, false)).unwrap();
    assert_eq!(asks(&versions, "key-marker").as_deref(), Some("a"));
    assert_eq!(asks(&versions, "version-id-marker"), None);
    accept(&mut versions, page(&[], &[], None, false)).unwrap();
    assert_eq!(versions.end(), End::Proven);
    let selection =
        Selection { delimiter: Some("/".into()), prove_end: true, ..Selection::default() };
    let mut groups = Pages::new(selection);
    accept(&mut groups, page(&["a"], &["b/"], None, false)).unwrap();
    assert_eq!(asks(&groups, "start-after").as_deref(), Some("b/\u{10FFFF}"));
    accept(&mut groups, page(&[], &["b/", "c/"], None, false)).unwrap();
    assert_eq!(groups.early_ends(), 1);
}

#[test]
fn the_end_is_proven_without_an_order_too_as_long_as_repeats_are_known() {
    let mut pages = proving();
    accept(&mut pages, page(&["c", "a"], &[], None, false)).unwrap();
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("a"));
    assert_eq!(names(accept(&mut pages, page(&["b", "c"], &[], None, false)).unwrap()), ["b"]);
    assert_eq!(pages.early_ends(), 1);
}

#[test]
fn the_end_is_not_proven_where_repeats_are_not_known() {
    let mut pages = proving();
    let began = Timestamp::parse_iso8601("2026-01-01T00:00:00Z").unwrap();
    // No memory to tell what comes twice: a key behind the end may be one from before.
    pages.accept(page(&["c", "a"], &[], None, false), began, 0).unwrap();
    assert!(!pages.is_exact());
    assert_eq!((pages.end(), pages.is_unproven()), (End::Told, true));
}

// What must not go on for ever.

#[test]
fn a_version_that_comes_twice_is_noticed() {
    let version = |id: &str| {
        let mut object = Object::new("k");
        object.version_id = Some(id.to_owned());
        Listed::Entry(Entry::Object(object))
    };
    let one = |id: &str| ListPage { entries: vec![version(id)], ..page(&[], &[], None, true) };
    let mut pages = Pages::new(Selection { versions: true, ..Selection::default() });
    for id in ["3", "2", "1"] {
        accept(&mut pages, one(id)).unwrap();
    }
    assert!(accept(&mut pages, one("3")).unwrap_err().contains("twice"));
}

#[test]
fn empty_pages_must_not_go_round_in_a_circle() {
    let mut pages = Pages::new(Selection::default());
    let ended = ["t", "u", "t"].map(|token| accept(&mut pages, page(&[], &[], Some(token), true)));
    assert!(ended[0].is_ok() && ended[1].is_ok());
    assert!(ended[2].as_ref().is_err_and(|why| why.contains("repeats")));
}

#[test]
fn pages_of_what_was_not_asked_for_must_lead_on() {
    let selection = Selection { start_after: Some("m".into()), ..Selection::default() };
    let mut pages = Pages::new(selection);
    for (key, token) in [("a", "1"), ("b", "2"), ("c", "3"), ("b", "4"), ("c", "5")] {
        accept(&mut pages, page(&[key], &[], Some(token), true)).unwrap();
    }
    assert!(accept(&mut pages, page(&["b"], &[], Some("4"), true)).is_err());
}

// What cannot be read.

#[test]
fn what_cannot_be_read_keeps_its_place() {
    let unreadable = |name: &str| Listed::unreadable(Unreadable::new(name.to_owned(), "odd"));
    let bytes = |name: &[u8]| Listed::unreadable(Unreadable::of_bytes(name.to_vec(), "odd"));
    let entries = || vec![object("a"), unreadable("b"), bytes(b"c\xff"), object("d")];
    let all = ListPage { entries: entries(), ..ListPage::default() };
    let mut pages = Pages::new(Selection::default());
    assert_eq!(names(accept(&mut pages, all).unwrap()), ["a", "(b)", "(c%FF)", "d"]);
    // It is in a range, or out of it, like any other.
    let selection = Selection {
        start_after: Some("b".into()),
        end_at: Some("c".into()),
        ..Selection::default()
    };
    let mut pages = Pages::new(selection);
    let some = ListPage { entries: entries(), ..ListPage::default() };
    assert!(names(accept(&mut pages, some).unwrap()).is_empty());
    assert_eq!(pages.end(), End::Proven);
    // The listing goes on behind it where its name can be sent.
    let mut pages = Pages::new(Selection::default());
    let entries = vec![unreadable("b"), bytes(b"c\xff")];
    accept(&mut pages, ListPage { entries, is_truncated: true, ..ListPage::default() }).unwrap();
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("b"));
}
