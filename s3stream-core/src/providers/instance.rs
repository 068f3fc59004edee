//! The metadata service of a virtual machine, version 2.
//!
//! See "Use the Instance Metadata Service to access instance metadata", Amazon EC2 user guide. It
//! is asked directly, never through a proxy. Machines that are none of EC2's have nobody at that
//! address: the whole of it takes seconds, whatever happens.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};

use super::http::{Answered, Call, Reach, sensitive};
use super::{Document, Fetching, Http, Provider, failed};
use crate::config::NOWHERE;
use crate::config::way::Instance;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::time::Timestamp;

const TIMES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(1));
/// All of it, with its repetitions.
const LONGEST: Duration = Duration::from_millis(4500);
const ATTEMPTS: u32 = 4;
const KEYS: &str = "/latest/meta-data/iam/security-credentials/";

impl Provider for Instance {
    fn fetch<'a>(&'a self, http: &'a Http, _: Timestamp) -> Fetching<'a> {
        Box::pin(async move {
            match tokio::time::timeout(LONGEST, self.ask(http)).await {
                Ok(keys) => keys,
                Err(_) => Err(self.nobody("it does not answer in time")),
            }
        })
    }

    fn keeps_ended(&self) -> bool {
        true
    }
}

impl Instance {
    async fn ask(&self, http: &Http) -> Result<Credentials> {
        let mut headers = HeaderMap::new();
        headers.insert("x-aws-ec2-metadata-token-ttl-seconds", HeaderValue::from_static("21600"));
        let answered = self.send(http, Method::PUT, "/latest/api/token", &headers).await?;
        if answered.status != 200 {
            return Err(match answered.status {
                // There is none here, or version 2 of it was switched off.
                403..=405 => self.nobody(&format!("it gives no token ({})", answered.status)),
                status => self.wrong(&format!("it answers {status} instead of a token")),
            });
        }
        let token = String::from_utf8_lossy(&answered.body).trim().to_owned();
        let token = zeroize::Zeroizing::new(token);
        let value = sensitive(&token).filter(|_| !token.is_empty());
        let mut headers = HeaderMap::new();
        let value = value.ok_or_else(|| self.wrong("its token cannot be sent back"))?;
        headers.insert("x-aws-ec2-metadata-token", value);
        let answered = self.send(http, Method::GET, KEYS, &headers).await?;
        let role = match answered.status {
            200 => String::from_utf8_lossy(&answered.body).lines().next().map(str::to_owned),
            404 => return Err(self.nobody("the instance has no role")),
            status => return Err(self.wrong(&format!("it answers {status} instead of a role"))),
        };
        let role = role.filter(|it| !it.trim().is_empty() && it.is_ascii());
        let role = role.ok_or_else(|| self.nobody("the instance has no role"))?;
        let path = format!("{KEYS}{}", role.trim());
        let answered = self.send(http, Method::GET, &path, &headers).await?;
        if answered.status != 200 {
            return Err(self.wrong(&format!("it answers {} instead of keys", answered.status)));
        }
        let document = Document::parse(&answered.body).map_err(|why| self.wrong(why))?;
        if document.code.as_deref().is_some_and(|code| code != "Success") {
            return Err(self.wrong("it says that it has no keys for this role now"));
        }
        document.into_keys().map_err(|why| self.wrong(why))
    }

    /// One step, tried again where nothing was answered, or an error of the service's own.
    async fn send(
        &self,
        http: &Http,
        method: Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Answered> {
        let url = format!("{}{path}", self.url);
        let mut attempt = 1;
        loop {
            let call = Call {
                method: method.clone(),
                url: &url,
                headers: headers.clone(),
                body: String::new(),
                reach: Reach::Directly(&[]),
                times: TIMES,
            };
            let answered = http.send(call).await;
            let is_last = attempt == ATTEMPTS;
            match answered {
                Ok(answered) if answered.status < 500 || is_last => return Ok(answered),
                Err(it) if is_last || it.kind == ErrorKind::InvalidInput => {
                    return Err(self.nobody(&it.why));
                }
                Ok(_) | Err(_) => {}
            }
            attempt += 1;
        }
    }

    /// Nobody is there: that nothing else was configured is what is wrong.
    fn nobody(&self, why: &str) -> Error {
        let message =
            format!("{NOWHERE}; the instance's service at {} is no help: {why}", self.url);
        Error::invalid(message)
    }

    fn wrong(&self, why: &str) -> Error {
        let way = format!("the instance's service at {}", self.url);
        let advice = "check the role of the instance";
        failed(ErrorKind::Service, &way, why, advice)
    }
}
