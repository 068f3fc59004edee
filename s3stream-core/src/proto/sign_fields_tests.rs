//! What a signed request carries besides its own fields.

use super::*;

#[test]
fn a_signed_request_says_when_by_which_token_and_of_what() {
    let time = Timestamp::parse_iso8601("2013-05-24T00:00:00Z").unwrap();
    let of = |token: Option<&str>| {
        let credentials = Credentials::new("A", "s", token.map(str::to_owned));
        fields(Some(&credentials), time, EMPTY_PAYLOAD)
    };
    let all = |headers: &Headers| {
        let pairs = headers.iter().map(|(name, value)| format!("{name}: {value}"));
        pairs.collect::<Vec<_>>().join("\n")
    };
    let plain = format!("x-amz-content-sha256: {EMPTY_PAYLOAD}\nx-amz-date: 20130524T000000Z");
    assert_eq!(all(&of(None)), plain);
    assert_eq!(all(&of(Some("t"))), format!("{plain}\nx-amz-security-token: t"));
    assert_eq!(all(&fields(None, time, EMPTY_PAYLOAD)), "", "an anonymous one carries nothing");
}
