//! What replies taught us: the place of each bucket, the signing key of the day.

use std::collections::HashMap;

use crate::credentials::Credentials;
use crate::proto::request::Request;
use crate::proto::response::Refusal;
use crate::proto::service::{Place, Service};
use crate::proto::sign::SigningKey;
use crate::sync::{Mutex, lock};
use crate::time::Timestamp;

/// What has been learnt, per bucket; the empty name stands for calls without a bucket.
#[derive(Default)]
pub(super) struct Learned {
    places: Mutex<HashMap<String, Place>>,
    key: Mutex<Option<SigningKey>>,
}

impl Learned {
    /// Where a request goes, as far as is known.
    ///
    /// # Errors
    /// One line about a bucket that the service cannot have.
    pub(super) fn place(&self, request: &Request, service: &Service) -> Result<Place, String> {
        match lock(&self.places).get(bucket(request)) {
            Some(place) => Ok(place.clone()),
            None => service.place(request.bucket.as_deref()),
        }
    }

    /// Takes over where a refusal says that a bucket is, if requests may go there; true if
    /// that is news.
    pub(super) fn learn(
        &self,
        request: &Request,
        used: &Place,
        refusal: &Refusal,
        service: &Service,
    ) -> bool {
        let what = (request.bucket.as_deref(), request.key.as_deref());
        // Our signature goes nowhere else, whatever the server says.
        let Some(place) =
            refusal.hint(&used.region).and_then(|hint| service.follow(what, used, hint))
        else {
            return false;
        };
        lock(&self.places).insert(bucket(request).to_owned(), place);
        true
    }

    /// The signing key of that moment and region, derived at most once a day.
    pub(super) fn signing_key(
        &self,
        credentials: &Credentials,
        time: Timestamp,
        region: &str,
    ) -> SigningKey {
        let mut kept = lock(&self.key);
        match &*kept {
            Some(key) if key.serves(credentials, time, region) => key.clone(),
            _ => {
                let key = SigningKey::derive(credentials, time, region);
                kept.insert(key).clone()
            }
        }
    }
}

fn bucket(request: &Request) -> &str {
    request.bucket.as_deref().unwrap_or_default()
}

#[cfg(test)]
#[path = "learned_tests.rs"]
mod tests;
