//! One page from the wire, asked for again where it breaks off or is refused for a while.

use std::time::{Instant, SystemTime};

use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::object::Bucket;
use crate::proto::buckets::BucketPages;
use crate::proto::headers::Headers;
use crate::proto::merge::Wrong;
use crate::proto::order::is_known_unordered;
use crate::proto::request::Request;
use crate::proto::response::Refusal;
use crate::proto::retry::{Budget, PROGRESS};
use crate::proto::xml::{self, BucketsPage, ErrorBody, ListPage, NoPage, PageParser};
use crate::send::{Reply, Session, from_broken};
use crate::time::Timestamp;
use crate::transport::{Body, Broken};

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

/// One page, parsed while it arrives.
pub(super) async fn page(
    session: &Session,
    request: &Request,
    versions: bool,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<Fetched> {
    let asked = Instant::now();
    let most_bytes = session.memory.limit().max(LEAST_PAGE);
    loop {
        let mut reply = session.send(request, budget, cancel).await?;
        let parser = PageParser::new(versions, most_bytes);
        let (failure, error) = match parse(session, &mut *reply.body, parser).await {
            Ok(Ok(mut page)) => {
                let bucket = request.bucket.as_deref().unwrap_or_default();
                page.is_unordered = is_known_unordered(reply.headers.first("server"), bucket);
                return Ok(Fetched { page, asked: server_time(&reply.headers, asked) });
            }
            Ok(Err(NoPage::Malformed(why))) => return Err(not_s3(session, request, &why)),
            Ok(Err(NoPage::Refused(body))) => refused(session, request, &reply, *body),
            Err(broken) => from_broken(&broken),
        };
        session.wait(failure, budget, session.at(request, error)).await?;
    }
}

/// All buckets of these credentials, page by page.
pub(crate) async fn buckets(session: &Session) -> Result<Vec<Bucket>> {
    let mut budget = session.budget();
    let mut pages = BucketPages::default();
    loop {
        let request = Request::list_buckets(pages.token());
        let page = buckets_page(session, &request, &mut budget);
        let page = unless_cancelled(session, &request, &session.cancel, page).await?;
        budget.delivered(PROGRESS);
        if pages.accept(page).map_err(|why| not_s3(session, &request, &why))? {
            return Ok(pages.into_buckets());
        }
    }
}

async fn buckets_page(
    session: &Session,
    request: &Request,
    budget: &mut Budget,
) -> Result<BucketsPage> {
    let malformed = |why: &str| Err(not_s3(session, request, why));
    loop {
        let mut reply = session.send(request, budget, &session.cancel).await?;
        let (failure, error) = match session.collect(&mut *reply.body, LONGEST_BUCKETS).await {
            Err(broken) => from_broken(&broken),
            Ok(bytes) if bytes.len() == LONGEST_BUCKETS => return malformed("it does not end"),
            Ok(bytes) => match std::str::from_utf8(&bytes).map(xml::buckets) {
                Err(_) => return malformed("it is not UTF-8"),
                Ok(Ok(page)) => return Ok(page),
                Ok(Err(NoPage::Malformed(why))) => return malformed(&why),
                Ok(Err(NoPage::Refused(body))) => refused(session, request, &reply, *body),
            },
        };
        session.wait(failure, budget, session.at(request, error)).await?;
    }
}

/// What comes of a request and its repetitions; `Cancelled` as soon as `cancel` says so, also
/// between two of them.
pub(super) async fn unless_cancelled<T>(
    session: &Session,
    request: &Request,
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let cancelled = || Err(session.at(request, Error::new(ErrorKind::Cancelled, "")));
    cancel.run_until_cancelled(work).await.unwrap_or_else(cancelled)
}

/// The page that a body holds, or why it is none; an error if the body breaks off.
async fn parse(
    session: &Session,
    body: &mut dyn Body,
    mut parser: PageParser,
) -> Result<Result<ListPage, NoPage>, Broken> {
    while let Some(piece) = session.next_piece(body).await? {
        if let Err(no_page) = parser.feed(&piece) {
            return Ok(Err(no_page));
        }
    }
    Ok(parser.finish())
}

/// An `<Error>` under 200 is a refusal like any other.
fn refused(
    session: &Session,
    request: &Request,
    reply: &Reply,
    body: ErrorBody,
) -> (crate::proto::retry::Failure, Error) {
    session.refused(request, &Refusal::under_success(200, &reply.headers, body))
}

/// When something was asked for, by the clock of the server whose reply this is: it is the
/// server's clock that writes `LastModified`.
fn server_time(headers: &Headers, asked: Instant) -> Timestamp {
    let replied = headers.first("date").and_then(Timestamp::parse_http_date);
    let replied = replied.unwrap_or_else(|| Timestamp::from(SystemTime::now()));
    let elapsed = i64::try_from(asked.elapsed().as_secs()).unwrap_or(i64::MAX);
    replied.shifted(elapsed.saturating_neg())
}

pub(super) fn not_s3(session: &Session, request: &Request, why: &str) -> Error {
    let message = format!("the listing cannot be relied upon: {why}");
    let advice = "check endpoint_url, and what stands between here and the server";
    let error = Error::new(ErrorKind::Protocol, message).with_advice(Some(advice));
    session.at(request, error).with_attempts(1)
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
