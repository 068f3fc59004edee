//! A program that prints keys: `credential_process`.
//!
//! It is run without a shell. What it was given and what it printed may be secrets, and are never
//! repeated.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use zeroize::Zeroizing;

use super::{Document, Fetching, Http, Provider, failed};
use crate::config::way::Process;
use crate::credentials::{Credentials, Secret};
use crate::error::{Error, ErrorKind, Result};
use crate::time::Timestamp;

/// A program may have to ask somebody far away.
const LONGEST: Duration = Duration::from_secs(60);

impl Provider for Process {
    fn fetch<'a>(&'a self, _: &'a Http, now: Timestamp) -> Fetching<'a> {
        Box::pin(async move { self.run(now).await })
    }
}

impl Process {
    async fn run(&self, now: Timestamp) -> Result<Credentials> {
        let mut words = self.words.iter().map(Secret::expose);
        let program = words.next().unwrap_or_default();
        let child = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.failed(&format!("'{program}' cannot be run: {error}")))?;
        let output = match tokio::time::timeout(LONGEST, child.wait_with_output()).await {
            Err(_) => return Err(self.failed("it has printed nothing for a minute")),
            Ok(output) => output.map_err(|error| self.failed(&format!("it broke off: {error}")))?,
        };
        let printed = Zeroizing::new(output.stdout);
        if !output.status.success() {
            return Err(self.failed(&format!("it failed: {}", output.status)));
        }
        let document = Document::parse(&printed).map_err(|why| self.failed(why))?;
        if document.version != Some(1.into()) {
            return Err(self.failed("its answer is not of Version 1"));
        }
        let keys = document.into_keys().map_err(|why| self.failed(why))?;
        if keys.expires.is_some_and(|expires| expires.unix_seconds() <= now.unix_seconds()) {
            return Err(self.failed("the keys that it prints have ended already"));
        }
        Ok(keys)
    }

    fn failed(&self, why: &str) -> Error {
        let way = format!("credential_process of profile '{}'", self.profile);
        let advice = "run it as this user: it must print JSON with Version 1 and the keys";
        failed(ErrorKind::InvalidInput, &way, why, advice)
    }
}
