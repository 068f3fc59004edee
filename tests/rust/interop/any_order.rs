//! A whole bucket, whatever the order in which a server lists it.

use s3stream_core::{End, ErrorKind, ListOptions, OpenOptions, Order};

use crate::facts::Facts;
use crate::{client, sha256};

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn any_order_is_listed_whole_and_named() {
    let facts = Facts::read();
    let client = client();
    let mut list = client.list(&facts.bucket, ListOptions::new().prove_end(true));
    let entries = list.by_ref().collect::<Result<Vec<_>, _>>().expect("a complete listing");
    let mut found: Vec<_> = entries.iter().map(|entry| entry.name().to_owned()).collect();
    let is_ascending = found.is_sorted();
    found.sort();
    assert_eq!(found, facts.listed(), "on {}", facts.server);
    let summary = list.summary().expect("it began");
    let order = if is_ascending { Order::Ascending } else { Order::Unordered };
    assert_eq!((summary.order, summary.no_repeats), (order, true), "on {}", facts.server);
    assert_eq!(summary.early_ends, 0, "on {}", facts.server);
    // What was asked for behind the last key, the server understood.
    assert_eq!(summary.end, End::Proven, "on {}", facts.server);
    println!("{}: {} odd keys listed, {}", facts.server, found.len(), summary.order.name());
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn any_order_but_the_ascending_is_refused_where_order_is_needed() {
    let facts = Facts::read();
    let client = client();
    let mut whole = client.list(&facts.bucket, ListOptions::new());
    assert!(whole.by_ref().all(|entry| entry.is_ok()), "on {}", facts.server);
    let is_ordered = whole.summary().expect("it began").order == Order::Ascending;
    for options in [ListOptions::new().ordered(true), ListOptions::new().parallel(4)] {
        let listed = client.list(&facts.bucket, options).collect::<Result<Vec<_>, _>>();
        match listed {
            Ok(_) => assert!(is_ordered, "on {}", facts.server),
            Err(error) => {
                assert!(!is_ordered && error.kind() == ErrorKind::Protocol, "{error}");
                assert!(error.to_string().contains("an order of its own"), "{error}");
            }
        }
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn any_order_of_objects_is_read() {
    let facts = Facts::read();
    let client = client();
    for put in facts.stored() {
        let mut reader =
            client.open(&facts.bucket, &put.key, OpenOptions::new()).expect("a reader");
        let mut bytes = vec![0; usize::try_from(put.size).expect("it is small") + 1];
        let length = reader.read_full(&mut bytes).expect("the bytes");
        assert_eq!(sha256(&bytes[..length]), put.sha256, "{:?} on {}", put.key, facts.server);
    }
}
