//! Single sign-on: a token that `aws sso login` left, for the keys of a role.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::http::{Call, Reach, sensitive};
use super::{Fetching, Http, Provider, failed};
use crate::config::way::Sso;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::encode;
use crate::time::Timestamp;

const TIMES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(15));

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token: Zeroizing<String>,
    expires_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    role_credentials: Keys,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Zeroizing<String>,
    /// Milliseconds since 1970.
    expiration: i64,
}

impl Provider for Sso {
    fn fetch<'a>(&'a self, http: &'a Http, now: Timestamp) -> Fetching<'a> {
        Box::pin(async move { self.ask(http, now).await })
    }
}

impl Sso {
    async fn ask(&self, http: &Http, now: Timestamp) -> Result<Credentials> {
        let token = self.token(now)?;
        let mut headers = HeaderMap::new();
        let value = sensitive(&token.access_token);
        let value = value.ok_or_else(|| self.login("the token that it left cannot be sent"))?;
        headers.insert("x-amz-sso_bearer_token", value);
        let url = format!(
            "{}/federation/credentials?role_name={}&account_id={}",
            self.url,
            encode::query(&self.role),
            encode::query(&self.account)
        );
        let call = Call {
            method: Method::GET,
            url: &url,
            headers,
            body: String::new(),
            reach: Reach::AsConfigured,
            times: TIMES,
        };
        let answered = http.send(call).await.map_err(|it| {
            self.failed(it.kind, &format!("{}: {}", self.url, it.why), "check the network")
        })?;
        match answered.status {
            200 => {}
            401 => return Err(self.login("its token is not accepted any more")),
            403 | 404 => {
                let why =
                    format!("there is no role '{}' of account {} for it", self.role, self.account);
                let advice = "check sso_role_name and sso_account_id";
                return Err(self.failed(ErrorKind::AccessDenied, &why, advice));
            }
            status => {
                let why = format!("{} answers {status}", self.url);
                return Err(self.failed(ErrorKind::Service, &why, "try again later"));
            }
        }
        let reply: Reply = serde_json::from_slice(&answered.body).map_err(|_| {
            let why = format!("{} answers without keys", self.url);
            self.failed(ErrorKind::Protocol, &why, "check what stands between here and it")
        })?;
        let keys = reply.role_credentials;
        let token = Some(keys.session_token.as_str().to_owned()).filter(|it| !it.is_empty());
        let mut found =
            Credentials::new(keys.access_key_id, keys.secret_access_key.as_str(), token);
        found.expires = Timestamp::from_unix_seconds(keys.expiration / 1000);
        Ok(found)
    }

    fn token(&self, now: Timestamp) -> Result<Token> {
        let text = std::fs::read_to_string(&self.token_file).map(Zeroizing::new);
        let text = text.map_err(|_| self.login("nobody has logged in"))?;
        let token: Token = serde_json::from_str(&text)
            .map_err(|_| self.login("what the last login left is no token"))?;
        // Older tools write `UTC` for the zone.
        let time = Timestamp::parse_iso8601(&token.expires_at.replace("UTC", "Z"));
        match time {
            Some(time) if time.unix_seconds() > now.unix_seconds() => Ok(token),
            Some(_) => Err(self.login("the last login has ended")),
            None => Err(self.login("what the last login left has no time")),
        }
    }

    fn login(&self, why: &str) -> Error {
        let why = format!("{why} ({})", self.token_file.display());
        let command = format!("run: aws sso login --profile {}", self.profile);
        self.failed(ErrorKind::InvalidInput, &why, "").advised(command)
    }

    fn failed(&self, kind: ErrorKind, why: &str, advice: &'static str) -> Error {
        failed(kind, &format!("single sign-on of profile '{}'", self.profile), why, advice)
    }
}
