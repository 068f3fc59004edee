//! What is learnt of one bucket or identity is not taken for another's.

use super::*;
use crate::proto::endpoint::Endpoint;
use crate::proto::headers::Headers;
use crate::proto::service::Wishes;

fn service() -> Service {
    let endpoint = Some(Endpoint::parse("http://ceph.example:7480").unwrap());
    let region = Some("eu-west-1".to_owned());
    Service::choose(Wishes { endpoint, region, ..Wishes::default() }).unwrap()
}

fn refusal(status: u16, fields: &[(&str, &str)]) -> Refusal {
    Refusal::read(status, &fields.iter().copied().collect::<Headers>(), b"")
}

#[test]
fn another_region_is_learnt_for_that_bucket_alone() {
    let service = service();
    let (learned, of_a, of_b) =
        (Learned::default(), Request::get("a", "k"), Request::get("b", "k"));
    let place = |request| learned.place(request, &service).unwrap();
    let (a, b) = (place(&of_a), place(&of_b));
    let moved = refusal(400, &[("x-amz-bucket-region", "us-east-2")]);
    assert!(learned.learn(&of_a, &a, &moved, &service));
    assert_eq!(place(&of_a).region, "us-east-2");
    assert!(!learned.learn(&of_a, &place(&of_a), &moved, &service), "it is no news any more");
    assert_eq!(place(&of_b), b);
}

#[test]
fn what_leads_nowhere_teaches_nothing() {
    let service = service();
    let (learned, request) = (Learned::default(), Request::get("photos", "k"));
    let before = learned.place(&request, &service).unwrap();
    for refusal in [
        refusal(404, &[("x-amz-bucket-region", "us-east-2")]),
        refusal(403, &[("x-amz-bucket-region", "eu-west-1")]),
        refusal(307, &[("location", "http://other.example:7480/photos/k")]),
        // Another port of the same host may be anybody's service.
        refusal(307, &[("location", "http://photos.ceph.example:80/k")]),
        refusal(503, &[("location", "http://photos.ceph.example:7480/k")]),
    ] {
        assert!(!learned.learn(&request, &before, &refusal, &service), "{refusal:?}");
        assert_eq!(learned.place(&request, &service).unwrap(), before);
    }
    let there = refusal(307, &[("location", "http://photos.ceph.example:7480/k")]);
    assert!(learned.learn(&request, &before, &there, &service), "to the bucket's own host");
}

#[test]
fn a_signing_key_is_another_for_another_secret_region_or_day() {
    let time = Timestamp::parse_iso8601("2013-05-24T00:00:00Z").unwrap();
    let learned = Learned::default();
    for (secret, shifted, region) in
        [("s", 0, "r"), ("s", 60, "r"), ("t", 60, "r"), ("t", 60, "q"), ("t", 86_400, "q")]
    {
        let (used, at) = (Credentials::new("A", secret, None), time.shifted(shifted));
        let key = learned.signing_key(&used, at, region);
        assert!(key.serves(&used, at, region), "{secret} {shifted} {region}");
    }
}
