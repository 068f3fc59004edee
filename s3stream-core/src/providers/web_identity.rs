//! AssumeRoleWithWebIdentity: a token in a file for the keys of a role.

use zeroize::Zeroizing;

use super::sts::{Signer, keys};
use super::{Fetching, Http, Provider, failed};
use crate::config::way::WebIdentity;
use crate::error::ErrorKind;
use crate::time::Timestamp;

impl Provider for WebIdentity {
    fn fetch<'a>(&'a self, http: &'a Http, _: Timestamp) -> Fetching<'a> {
        Box::pin(async move {
            let way = format!("web identity of role {}", self.role_arn);
            let file = self.token_file.display();
            let advice = "check the file that AWS_WEB_IDENTITY_TOKEN_FILE or \
                          web_identity_token_file names";
            // Read anew each time: it is replaced before the token in it ends.
            let read = std::fs::read_to_string(&self.token_file).map(Zeroizing::new);
            let token = read.map_err(|error| {
                failed(
                    ErrorKind::InvalidInput,
                    &way,
                    &format!("cannot read {file}: {error}"),
                    advice,
                )
            })?;
            let token = token.trim();
            if token.is_empty() {
                let why = format!("{file} is empty");
                return Err(failed(ErrorKind::InvalidInput, &way, &why, advice));
            }
            let parameters = [
                ("RoleArn", self.role_arn.as_str()),
                ("RoleSessionName", self.session_name.as_str()),
                ("WebIdentityToken", token),
            ];
            let call = ("AssumeRoleWithWebIdentity", parameters.as_slice());
            keys(http, &self.sts, &way, call, Signer::Nobody).await
        })
    }
}
