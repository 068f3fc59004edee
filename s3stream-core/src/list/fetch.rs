//! One page from the wire, asked for again where it breaks off or is refused for a while.

use std::time::{Instant, SystemTime};

use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::object::Bucket;
use crate::proto::answer::{Answer, Text, Unfit, malformed};
use crate::proto::buckets::BucketPages;
use crate::proto::headers::Headers;
use crate::proto::merge::Wrong;
use crate::proto::order::is_known_unordered;
use crate::proto::request::Request;
use crate::proto::retry::{Budget, PROGRESS};
use crate::proto::xml::{self, ListPage, PageParser};
use crate::send::Session;
use crate::time::Timestamp;

/// What its replies are called in messages.
const LISTING: &str = "listing";

/// What a page's entries may take, however small `memory_limit` is: 1,000 keys of 1,024 bytes
/// with version ids as long take 2.5 MB.
const LEAST_PAGE: u64 = 4 << 20;

/// A page of buckets holds 10,000 of them at most.
const LONGEST_BUCKETS: usize = 32 << 20;

/// A page, and when it was asked for by the server's clock.
pub(super) struct Fetched {
    pub(super) page: ListPage,
    pub(super) asked: Timestamp,
}

/// A page in progress, parsed while it arrives.
struct Page {
    parser: PageParser,
    bucket: String,
    asked: Instant,
}

impl Answer for Page {
    type Value = Fetched;

    fn feed(&mut self, piece: &[u8]) -> Result<(), Unfit> {
        self.parser.feed(piece).map_err(|no_page| Unfit::document(no_page, LISTING))
    }

    fn finish(self, _: u16, headers: &Headers) -> Result<Fetched, Unfit> {
        let page = self.parser.finish();
        let mut page = page.map_err(|no_page| Unfit::document(no_page, LISTING))?;
        page.is_unordered = is_known_unordered(headers.first("server"), &self.bucket);
        Ok(Fetched { page, asked: server_time(headers, self.asked) })
    }
}

/// One page.
pub(super) async fn page(
    session: &Session,
    request: &Request,
    versions: bool,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<Fetched> {
    let asked = Instant::now();
    let most_bytes = session.memory.limit().max(LEAST_PAGE);
    let page = || Page {
        parser: PageParser::new(versions, most_bytes),
        bucket: request.bucket.clone().unwrap_or_default(),
        asked,
    };
    session.ask(request, page, budget, cancel).await
}

/// All buckets of these credentials, page by page.
pub(crate) async fn buckets(session: &Session) -> Result<Vec<Bucket>> {
    let mut budget = session.budget();
    let mut pages = BucketPages::default();
    let page = || Text::new(LISTING, LONGEST_BUCKETS, |text: &str, _: &Headers| xml::buckets(text));
    loop {
        let request = Request::list_buckets(pages.token());
        let page = session.ask(&request, page, &mut budget, &session.cancel).await?;
        budget.delivered(PROGRESS);
        if pages.accept(page).map_err(|why| not_s3(session, &request, &why))? {
            return Ok(pages.into_buckets());
        }
    }
}

/// When something was asked for, by the clock of the server whose reply this is: it is the
/// server's clock that writes `LastModified`.
fn server_time(headers: &Headers, asked: Instant) -> Timestamp {
    let replied = headers.first("date").and_then(Timestamp::parse_http_date);
    let replied = replied.unwrap_or_else(|| Timestamp::from(SystemTime::now()));
    let elapsed = i64::try_from(asked.elapsed().as_secs()).unwrap_or(i64::MAX);
    replied.shifted(elapsed.saturating_neg())
}

fn not_s3(session: &Session, request: &Request, why: &str) -> Error {
    session.at(request, malformed(why, LISTING)).with_attempts(1)
}

/// A page that cannot be the next one.
pub(super) fn wrong_page(session: &Session, request: &Request, wrong: &Wrong) -> Error {
    match wrong {
        Wrong::Page(why) => not_s3(session, request, why),
        Wrong::Order(why) => {
            let message = format!("the listing cannot be relied upon: {why}");
            let advice = "a server that lists in an order of its own can only be listed as a \
                          whole: without start_after, end_at, versions, parallel ranges, and not \
                          where an order is needed";
            let error = Error::new(ErrorKind::Protocol, message).with_advice(Some(advice));
            session.at(request, error).with_attempts(1)
        }
    }
}
