//! What replies taught us: the region and endpoint of each bucket, the signing key of the day.

use std::collections::HashMap;

use crate::config::Config;
use crate::credentials::Credentials;
use crate::proto::endpoint::Endpoint;
use crate::proto::request::Request;
use crate::proto::response::Refusal;
use crate::proto::sign::SigningKey;
use crate::sync::{Mutex, lock};
use crate::time::Timestamp;

/// Where a bucket's requests go, and for which region they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) endpoint: Endpoint,
    pub(super) region: String,
}

/// What has been learnt, per bucket; the empty name stands for calls without a bucket.
#[derive(Default)]
pub(super) struct Learned {
    places: Mutex<HashMap<String, Place>>,
    key: Mutex<Option<SigningKey>>,
}

impl Learned {
    pub(super) fn place(&self, request: &Request, config: &Config) -> Place {
        let places = lock(&self.places);
        places.get(bucket(request)).cloned().unwrap_or_else(|| Place {
            endpoint: config.endpoint.clone(),
            region: config.region.clone(),
        })
    }

    /// Takes over the region and endpoint that a refusal names; true if that is news.
    pub(super) fn learn(
        &self,
        request: &Request,
        used: &Place,
        refusal: &Refusal,
        config: &Config,
    ) -> bool {
        let mut place = used.clone();
        if let Some(region) = refusal.other_region(&used.region) {
            place.region = region.to_owned();
            // The endpoint of AWS has the region in its name.
            if config.endpoint.is_aws() {
                place.endpoint = Endpoint::aws(region);
            }
        } else if let Some(host) = refusal.other_host() {
            match config.endpoint.redirected(host) {
                Some(endpoint) => place.endpoint = endpoint,
                // Our signature goes nowhere else, whatever the server says.
                None => return false,
            }
        }
        let is_news = place != *used;
        if is_news {
            lock(&self.places).insert(bucket(request).to_owned(), place);
        }
        is_news
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
