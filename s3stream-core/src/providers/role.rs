//! AssumeRole: another identity's keys for those of a role.

use super::sts::{Signer, keys};
use super::{Fetching, Http, Provider};
use crate::config::way::Role;
use crate::time::Timestamp;

impl Provider for Role {
    fn fetch<'a>(&'a self, http: &'a Http, now: Timestamp) -> Fetching<'a> {
        Box::pin(async move {
            let by = self.by.provider().fetch(http, now).await?;
            let duration = self.duration.map(|seconds| seconds.to_string());
            let mut parameters = vec![
                ("RoleArn", self.role_arn.as_str()),
                ("RoleSessionName", self.session_name.as_str()),
            ];
            if let Some(id) = &self.external_id {
                parameters.push(("ExternalId", id));
            }
            if let Some(seconds) = &duration {
                parameters.push(("DurationSeconds", seconds));
            }
            let way = format!("role {}", self.role_arn);
            let call = ("AssumeRole", parameters.as_slice());
            keys(http, &self.sts, &way, call, Signer::Keys(&by, now)).await
        })
    }
}
