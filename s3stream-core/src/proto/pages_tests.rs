//! Pages as servers send them, and what comes of each.

use super::*;

fn page(keys: &[&str], prefixes: &[&str], token: Option<&str>, truncated: bool) -> ListPage {
    let objects = keys.iter().map(|key| Entry::Object(Object::new(*key)));
    let group = |&prefix: &&str| CommonPrefix { prefix: prefix.to_owned() };
    ListPage {
        entries: objects.chain(prefixes.iter().map(group).map(Entry::CommonPrefix)).collect(),
        groups: prefixes.len(),
        next_token: token.map(str::to_owned),
        is_truncated: truncated,
        ..ListPage::default()
    }
}

fn names(accepted: Accepted) -> Vec<String> {
    match accepted {
        Accepted::Entries(entries) => entries.iter().map(|e| e.name().to_owned()).collect(),
        Accepted::AskAgain => vec!["(ask again)".to_owned()],
    }
}

fn asks(pages: &Pages, name: &str) -> Option<String> {
    pages.query().into_iter().find(|(n, _)| *n == name).map(|(_, value)| value)
}

#[test]
fn a_token_is_sent_back_verbatim() {
    let mut pages = Pages::new(Selection::default());
    pages.accept(page(&["a"], &[], Some("t%2F+"), true)).unwrap();
    assert_eq!(asks(&pages, "continuation-token").as_deref(), Some("t%2F+"));
    assert_eq!(asks(&pages, "start-after"), None);
    pages.accept(page(&["b"], &[], None, false)).unwrap();
    assert!(pages.is_done());
}

#[test]
fn without_a_token_it_goes_on_after_the_greatest_name() {
    let mut pages = Pages::new(Selection::default());
    pages.accept(page(&["a"], &[], None, true)).unwrap();
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("a"));
    // The server ignores start-after and begins again: version 1 is tried.
    let again = pages.accept(page(&["a"], &[], None, true)).unwrap();
    assert_eq!(again, Accepted::AskAgain);
    assert_eq!(asks(&pages, "marker").as_deref(), Some("a"));
    // And when that is ignored too, the listing says so.
    assert!(pages.accept(page(&["a"], &[], None, true)).is_err());
}

#[test]
fn a_reply_in_the_words_of_version_one_is_continued_by_marker() {
    let mut pages = Pages::new(Selection::default());
    let first = ListPage { has_marker: true, ..page(&["a"], &[], None, true) };
    pages.accept(first).unwrap();
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
    let first = pages.accept(page(&["a", "c"], &["b/", "d/"], None, true)).unwrap();
    assert_eq!(names(first), ["a", "b/", "c", "d/"]);
    assert_eq!(asks(&pages, "start-after").as_deref(), Some("d/\u{10FFFF}"));
    // A server that gives the last prefix once more is tolerated, once more only.
    assert_eq!(names(pages.accept(page(&["e"], &["d/"], None, false)).unwrap()), ["e"]);
}

#[test]
fn what_cannot_be_the_next_page_is_refused() {
    let table: [(ListPage, ListPage, &str); 5] = [
        (page(&["a"], &[], Some("t"), true), page(&["b"], &[], Some("t"), true), "repeats"),
        (page(&["b"], &[], Some("t"), true), page(&["a"], &[], None, false), "ascend"),
        (page(&["b"], &[], Some("t"), true), page(&["b"], &[], None, false), "ascend"),
        (page(&["b"], &[], Some("t"), true), page(&[], &[], None, true), "nowhere"),
        (
            page(&["a"], &[], Some("t"), true),
            ListPage { key_count: Some(2), ..page(&["b"], &[], None, false) },
            "KeyCount",
        ),
    ];
    for (first, second, reason) in table {
        let mut pages = Pages::new(Selection::default());
        pages.accept(first).unwrap();
        let error = pages.accept(second).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    let mut pages = Pages::new(Selection { prefix: "p/".into(), ..Selection::default() });
    assert!(pages.accept(page(&["q"], &[], None, false)).unwrap_err().contains("prefix"));
}

#[test]
fn an_empty_page_with_a_token_is_not_the_end() {
    let mut pages = Pages::new(Selection::default());
    assert!(names(pages.accept(page(&[], &[], Some("t"), true)).unwrap()).is_empty());
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
    let got = pages.accept(page(&["a", "b", "c", "d", "d0"], &[], Some("t"), true)).unwrap();
    assert_eq!(names(got), ["c", "d"]);
    assert!(pages.is_done());
}

#[test]
fn versions_go_on_inside_the_last_key() {
    let version = |key: &str, id: &str| {
        let mut object = Object::new(key);
        object.version_id = Some(id.to_owned());
        Entry::Object(object)
    };
    let mut pages = Pages::new(Selection { versions: true, ..Selection::default() });
    let mut first = page(&[], &[], None, true);
    first.entries = vec![version("k", "3"), version("k", "2")];
    pages.accept(first).unwrap();
    assert_eq!(asks(&pages, "key-marker").as_deref(), Some("k"));
    assert_eq!(asks(&pages, "version-id-marker").as_deref(), Some("2"));
    let mut second = page(&[], &[], None, false);
    second.entries = vec![version("k", "1"), version("l", "1")];
    assert_eq!(names(pages.accept(second).unwrap()), ["k", "l"]);
}

#[test]
fn the_end_of_a_range_needs_no_request_to_be_believed() {
    let selection = Selection { end_at: Some("b".into()), ..Selection::default() };
    let mut pages = Pages::new(selection.clone());
    pages.accept(page(&["a", "b"], &[], Some("t"), true)).unwrap();
    assert!(pages.is_done());
    // Older versions of that key may follow.
    let mut pages = Pages::new(Selection { versions: true, ..selection });
    pages.accept(page(&["a", "b"], &[], None, true)).unwrap();
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
    assert_eq!(names(pages.accept(page(&["a", "b", "c"], &[], None, false)).unwrap()), ["c"]);
    assert!(pages.ignores_start());
}
