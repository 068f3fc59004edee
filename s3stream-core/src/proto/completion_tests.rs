use std::time::Duration;

use super::*;
use crate::proto::headers::Headers;
use crate::proto::response::object_head;

const ETAG: &str = "9b2cf535f27731c974343645a3985328-2";

fn ours() -> Stored {
    Stored { size: 11, crc64: Some("Y2Y=".to_owned()), etag: ETag::parse(ETAG) }
}

fn head(fields: &[(&str, &str)]) -> ObjectHead {
    object_head("k", &fields.iter().copied().collect::<Headers>()).unwrap()
}

fn stored(by: Option<By>, is_resolved: bool) -> Step {
    Step::Stored(Known { by, is_resolved })
}

#[test]
fn only_a_digest_proves_an_object() {
    let crc64 = "x-amz-checksum-crc64nvme";
    let table: [(&[(&str, &str)], Proof); 9] = [
        (&[("content-length", "11"), ("etag", ETAG)], Proof::Ours(By::Etag)),
        (&[("content-length", "11"), (crc64, "Y2Y=")], Proof::Ours(By::Checksum)),
        (&[("content-length", "11"), (crc64, "Y2Y="), ("etag", "else")], Proof::Ours(By::Checksum)),
        (&[("content-length", "11"), (crc64, "AAAA"), ("etag", ETAG)], Proof::Foreign),
        (&[("content-length", "10"), ("etag", ETAG)], Proof::Foreign),
        // The same size, and nothing that proves it.
        (&[("content-length", "11"), ("etag", "else")], Proof::Unclear),
        (&[("content-length", "11")], Proof::Unclear),
        (&[("etag", ETAG)], Proof::Ours(By::Etag)),
        (
            &[("content-length", "11"), (crc64, "Y2Y="), ("x-amz-checksum-type", "COMPOSITE")],
            Proof::Unclear,
        ),
    ];
    for (fields, expected) in table {
        assert_eq!(ours().proof(&head(fields)), expected, "{fields:?}");
    }
    let nothing_known = Stored { size: 11, crc64: None, etag: None };
    let same_size = head(&[("content-length", "11")]);
    assert_eq!(nothing_known.proof(&same_size), Proof::Unclear, "no tag is not the same tag");
}

#[test]
fn what_may_have_been_carried_out_is_undecided() {
    let throttled = Failure::Throttled(Some(Duration::ZERO));
    for (failure, status, expected) in [
        (Failure::Transient, None, true),
        (Failure::Stale, None, true),
        (Failure::Transient, Some(500), true),
        (Failure::Transient, Some(200), true),
        (Failure::Transient, Some(299), true),
        (Failure::Transient, Some(300), false),
        (Failure::Transient, Some(499), false),
        (Failure::Transient, Some(400), false),
        (throttled, Some(503), false),
        (Failure::Corrected, Some(400), false),
        (Failure::Final, Some(404), false),
    ] {
        assert_eq!(is_undecided(failure, status), expected, "{failure:?} {status:?}");
    }
}

/// A failure as the driver tells it.
type Told = (Failure, Option<u16>, Option<&'static str>);

const LOST: Told = (Failure::Transient, None, None);
const IN_PROGRESS: Told = (Failure::Transient, Some(500), Some("InternalError"));
const GONE: Told = (Failure::Final, Some(404), Some("NoSuchUpload"));
const BUSY: Told = (Failure::Throttled(None), Some(503), Some("SlowDown"));
const EXISTS: Told = (Failure::Final, Some(412), Some("PreconditionFailed"));
const CONFLICT: Told = (Failure::Transient, Some(409), Some("ConditionalRequestConflict"));
const NO_PART: Told = (Failure::Final, Some(400), Some("InvalidPart"));
const GARBLED: Told = (Failure::Final, None, None);
const EXPIRED: Told = (Failure::Corrected, Some(400), Some("ExpiredToken"));

#[test]
fn a_completion_ends_in_proof_or_says_that_nobody_knows() {
    use Step::{Ask, Look, Refused};
    let table: [(&[Told], &[Step]); 14] = [
        (&[GONE], &[Refused]),
        (&[NO_PART], &[Refused]),
        (&[EXISTS], &[Refused]),
        (&[CONFLICT], &[Refused]),
        (&[LOST, GONE], &[Ask, Look]),
        (&[LOST, LOST, LOST], &[Ask, Ask, Look]),
        // RadosGW's answer to a Complete that is done, for ever.
        (&[IN_PROGRESS, IN_PROGRESS, IN_PROGRESS], &[Ask, Ask, Look]),
        (&[BUSY, BUSY, BUSY, BUSY, BUSY], &[Ask; 5]),
        (&[EXPIRED, EXPIRED, NO_PART], &[Ask, Ask, Refused]),
        // A pace maker in between may have put off the reply, and not the request.
        (&[BUSY, GONE], &[Ask, Look]),
        // Our own object, perhaps.
        (&[LOST, EXISTS], &[Ask, Look]),
        (&[LOST, CONFLICT], &[Ask, Look]),
        (&[LOST, NO_PART], &[Ask, Look]),
        (&[GARBLED], &[Look]),
    ];
    for (failures, expected) in table {
        let mut completion = Completion::new(ours());
        let steps: Vec<_> = failures
            .iter()
            .map(|(failure, status, code)| completion.failed(*failure, *status, *code))
            .collect();
        assert_eq!(steps, expected, "{failures:?}");
    }
}

#[test]
fn what_is_there_after_a_lost_reply_must_prove_itself() {
    let mut completion = Completion::new(ours());
    assert!(!completion.is_undecided());
    completion.failed(LOST.0, LOST.1, LOST.2);
    assert!(completion.is_undecided());
    for (proof, expected) in [
        (Some(Proof::Ours(By::Checksum)), stored(Some(By::Checksum), true)),
        (Some(Proof::Ours(By::Etag)), stored(Some(By::Etag), true)),
        (Some(Proof::Unclear), Step::Unknown),
        (Some(Proof::Foreign), Step::Unknown),
        (None, Step::Unknown),
    ] {
        assert_eq!(completion.looked(proof), expected, "{proof:?}");
    }
    assert_eq!(completion.blind(), Step::Unknown);
}

#[test]
fn a_reply_is_believed_unless_it_contradicts_itself() {
    let etag = ETag::parse(ETAG);
    let other = ETag::parse("else");
    let table = [
        (Some("Y2Y="), etag.as_ref(), stored(Some(By::Checksum), false)),
        (Some("Y2Y="), None, stored(Some(By::Checksum), false)),
        (Some("AAAA"), etag.as_ref(), Step::Damaged),
        (None, etag.as_ref(), stored(Some(By::Etag), false)),
        (None, other.as_ref(), Step::Look),
        (None, None, Step::Look),
    ];
    for (crc64, etag, expected) in table {
        let step = Completion::new(ours()).answered(crc64, etag);
        assert_eq!(step, expected, "{crc64:?} {etag:?}");
    }
    let mut completion = Completion::new(ours());
    completion.answered(None, None);
    assert!(completion.is_undecided(), "an abort would meet it");
    for (proof, expected) in [
        (Some(Proof::Ours(By::Etag)), stored(Some(By::Etag), false)),
        (Some(Proof::Unclear), stored(None, false)),
        (Some(Proof::Foreign), Step::Damaged),
        (None, Step::Unknown),
    ] {
        assert_eq!(completion.looked(proof), expected, "{proof:?}");
    }
    assert_eq!(completion.blind(), stored(None, false));
}
