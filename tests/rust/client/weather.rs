//! A server whose weather a test makes: it answers, refuses, is too busy, or says nothing.

use std::sync::{Arc, Mutex};

use s3stream_core::{Client, ClientBuilder};
use s3stream_tests::fault::{Action, FaultServer, ReceivedRequest, Script};

/// What every object holds.
pub(crate) const BODY: &str = "hello";
const MD5: &str = "5d41402abc4b2a76b9719d911017c592";

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sky {
    Clear,
    /// Connections end.
    Down,
    /// 503 with this Retry-After, in seconds.
    Busy(Option<u32>),
    /// No reply.
    Frozen,
}

/// The server, and its weather.
pub(crate) struct Weather {
    server: FaultServer,
    sky: Shared,
}

type Shared = Arc<Mutex<Box<dyn FnMut(&ReceivedRequest) -> Sky + Send>>>;

struct Forecast(Shared);

impl Script for Forecast {
    fn answer(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        let sky = (self.0.lock().unwrap())(request);
        match sky {
            Sky::Clear => vec![Action::Send(answer(request).into_bytes())],
            Sky::Down => vec![Action::CloseRst],
            Sky::Busy(wish) => {
                let wish = wish.map_or(String::new(), |wish| format!("Retry-After: {wish}\r\n"));
                let body = if request.method == "HEAD" { "" } else { BUSY };
                let length = BUSY.len();
                let reply = format!(
                    "HTTP/1.1 503 Slow Down\r\n{wish}Content-Length: {length}\r\n\r\n{body}"
                );
                vec![Action::Send(reply.into_bytes())]
            }
            Sky::Frozen => vec![Action::Stall],
        }
    }
}

const BUSY: &str = "<Error><Code>SlowDown</Code><Message>later</Message></Error>";

fn answer(request: &ReceivedRequest) -> String {
    if request.method == "HEAD" {
        return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned();
    }
    format!(
        "HTTP/1.1 200 OK\r\nETag: \"{MD5}\"\r\nContent-Length: {}\r\n\
         Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\n{BODY}",
        BODY.len()
    )
}

impl Weather {
    /// A server whose weather depends on the request.
    pub(crate) fn of(sky: impl FnMut(&ReceivedRequest) -> Sky + Send + 'static) -> Self {
        let sky: Shared = Arc::new(Mutex::new(Box::new(sky)));
        let server = FaultServer::with_script(Box::new(Forecast(Arc::clone(&sky)))).unwrap();
        Weather { server, sky }
    }

    /// One that answers, for now.
    pub(crate) fn clear() -> Self {
        Weather::of(|_| Sky::Clear)
    }

    pub(crate) fn turns(&self, sky: impl FnMut(&ReceivedRequest) -> Sky + Send + 'static) {
        *self.sky.lock().unwrap() = Box::new(sky);
    }

    /// From now on, for so many requests.
    pub(crate) fn turns_for(&self, mut requests: u32, sky: Sky) {
        self.turns(move |_| {
            let is_over = requests == 0;
            requests = requests.saturating_sub(1);
            if is_over { Sky::Clear } else { sky }
        });
    }

    /// Settings whose pauses are short: failures are counted, and time is not.
    pub(crate) fn settings(&self) -> ClientBuilder {
        Client::builder()
            .endpoint_url(&self.server.endpoint_url())
            .region("us-east-1")
            .credentials("AKID", "secret")
            .proxy("none")
            .max_attempts(3)
            .set("retry_base_delay", "0.001")
            .set("retry_max_delay", "0.01")
    }

    /// Requests so far: those of objects, and those of the bucket.
    pub(crate) fn requests(&self) -> (usize, usize) {
        let requests = self.server.requests();
        let probes = requests.iter().filter(|request| request.method == "HEAD").count();
        (requests.len() - probes, probes)
    }
}
