//! A request whose reply becomes a value: the one place that repeats.

use tokio_util::sync::CancellationToken;

use super::{Reply, Session, from_broken};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::answer::{Answer, Unfit};
use crate::proto::request::Request;
use crate::proto::response::Refusal;
use crate::proto::retry::{Budget, Failure};

/// What an operation with rules of its own makes of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Asked again if that may help, as often as the budget allows.
    AsUsual,
    /// Asking again could not tell what has become of it.
    Never,
}

impl Session {
    /// Sends a request until its reply is the value that was asked for, or its failure is final.
    ///
    /// # Errors
    /// Those of the table in `error`; `Cancelled` as soon as `cancel` says so, also between two
    /// attempts.
    pub(crate) async fn ask<A: Answer>(
        &self,
        request: &Request,
        answer: impl Fn() -> A,
        budget: &mut Budget,
        cancel: &CancellationToken,
    ) -> Result<A::Value> {
        self.ask_while(request, answer, budget, cancel, |_, _| Repeat::AsUsual).await
    }

    /// The same, where `repeat` is told of each failure and has the last word.
    pub(crate) async fn ask_while<A: Answer>(
        &self,
        request: &Request,
        answer: impl Fn() -> A,
        budget: &mut Budget,
        cancel: &CancellationToken,
        mut repeat: impl FnMut(Failure, &Error) -> Repeat,
    ) -> Result<A::Value> {
        let asking = async {
            loop {
                let sent = self.now();
                let (failure, error) = match self.ask_once(request, answer()).await {
                    Ok(value) => return Ok(value),
                    Err(failed) => failed,
                };
                let error = self.at(request, error);
                let failure = match repeat(failure, &error) {
                    Repeat::AsUsual => failure,
                    Repeat::Never => Failure::Final,
                };
                self.wait_since(sent, failure, budget, error).await?;
            }
        };
        let cancelled = || Err(self.at(request, Error::new(ErrorKind::Cancelled, "")));
        cancel.run_until_cancelled(asking).await.unwrap_or_else(cancelled)
    }

    async fn ask_once<A: Answer>(
        &self,
        request: &Request,
        mut answer: A,
    ) -> Result<A::Value, (Failure, Error)> {
        let Reply { status, headers, mut body, used, .. } = self.once(request).await?;
        let unfit = loop {
            match self.next_piece(&mut *body).await.map_err(|broken| from_broken(&broken))? {
                Some(piece) => match answer.feed(&piece) {
                    Ok(()) => {}
                    Err(unfit) => break unfit,
                },
                None => match answer.finish(status, &headers) {
                    Ok(value) => return Ok(value),
                    Err(unfit) => break unfit,
                },
            }
        };
        Err(match unfit {
            Unfit::Final(error) => (Failure::Final, error),
            Unfit::Refused(body) => {
                let refusal = Refusal::under_success(status, &headers, *body);
                self.refused(request, &refusal, used.as_ref())
            }
        })
    }
}
