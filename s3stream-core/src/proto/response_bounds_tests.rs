//! Where one meaning of a refusal ends and the next begins, to the number.

use super::*;

fn refusal(status: u16, code: &str, fields: &[(&str, &str)]) -> Refusal {
    let body = format!("<Error><Code>{code}</Code></Error>");
    let body = if code.is_empty() { "" } else { &body };
    Refusal::read(status, &fields.iter().copied().collect(), body.as_bytes())
}

#[test]
fn an_internal_error_passes_under_success_and_from_500_on() {
    for (status, failure) in [
        (200, Failure::Transient),
        (299, Failure::Transient),
        (300, Failure::Final),
        (499, Failure::Final),
        (500, Failure::Transient),
    ] {
        assert_eq!(refusal(status, "InternalError", &[]).failure(), failure, "{status}");
    }
}

#[test]
fn a_clock_is_wrong_by_more_than_it_may_be() {
    let server = Timestamp::parse_http_date("Fri, 24 May 2013 00:00:00 GMT").unwrap();
    let date = [("date", "Fri, 24 May 2013 00:00:00 GMT")];
    for (status, code, seconds, is_cause) in [
        (403, "RequestTimeTooSkewed", 60, false),
        (403, "RequestTimeTooSkewed", 61, true),
        (403, "", 14 * 60, false),
        (403, "", 14 * 60 + 1, true),
    ] {
        for signed in [server.shifted(seconds), server.shifted(-seconds)] {
            let other = refusal(status, code, &date).other_clock(signed);
            assert_eq!(other, is_cause.then_some(server), "{code} {seconds}");
        }
    }
}
