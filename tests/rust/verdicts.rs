//! What every verdict says of the bytes that were delivered, whatever server and consumer did.

use s3stream_core::{Method, Verdict};
use s3stream_tests::fault::Algorithm;

/// What is wrong with the digests of a verdict on these bytes, if anything is.
pub(crate) fn wrong_digest(verdict: &Verdict, delivered: &[u8]) -> Option<String> {
    let base64 = |algorithm: Algorithm| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(algorithm.digest(delivered))
    };
    let own = verdict.own_digest.as_ref().map(|own| (own.algorithm.name(), own.value.clone()));
    let expected =
        (verdict.method != Method::Range).then(|| ("crc64nvme", base64(Algorithm::Crc64Nvme)));
    if own != expected {
        return Some(format!("our own digest is {own:?}, not {expected:?}"));
    }
    let stated = verdict.digest.as_ref().map(|stated| stated.value.as_str());
    let fits = match (verdict.method, stated) {
        (Method::Length | Method::Range, stated) => stated.is_none(),
        (Method::Composite, Some(stated)) => stated.contains('-'),
        (Method::Checksum(algorithm), Some(stated)) => {
            let known = Algorithm::by_name(algorithm.name());
            // An ETag's MD5 is none of those that have a header.
            known.is_none_or(|known| base64(known) == stated)
        }
        (_, _) => false,
    };
    (!fits).then(|| format!("proven by {}, but its digest is {stated:?}", verdict.method))
}
