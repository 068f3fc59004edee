//! The manifest against the tar file: every byte of it is looked at.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use s3stream_core::report::human::{bytes, count, counted};
use s3stream_core::report::{ArchiveCheck, Ending, MemberError, Outcome, Record};

use super::arguments::Arguments;
use super::open;
use crate::cli::{Status, failure, say};

/// Members that are named one by one.
const NAMED: u64 = 100;

/// What the archive came to.
#[derive(Default)]
struct Proof {
    proven: u64,
    bytes: u64,
    unproven: u64,
    damaged: u64,
}

/// Proves an archive by its manifest.
pub(super) fn run(arguments: &Arguments, path: &Path) -> Status {
    match prove(arguments, path) {
        Ok(Proof { proven, bytes: size, unproven, damaged }) => {
            let objects = counted(proven, "object");
            say(format_args!("archive: {objects} proven ({})", bytes(size)));
            if unproven > 0 {
                say(format_args!("warning: {} cannot be proven", counted(unproven, "object")));
            }
            if damaged > 0 {
                return failure(format_args!("{} damaged", counted(damaged, "object")));
            }
            Status::Complete
        }
        Err(why) => failure(why),
    }
}

fn prove(arguments: &Arguments, path: &Path) -> Result<Proof, String> {
    let shown = path.display();
    let archive: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path).map_err(|error| format!("{shown}: {error}"))?),
    };
    let mut manifest = open(&arguments.manifest)?;
    let mut check = ArchiveCheck::new(archive);
    let mut proof = Proof::default();
    for record in manifest.by_ref() {
        let record = record.map_err(|e| format!("{}: {e}", arguments.manifest.display()))?;
        proof.member(&mut check, &record).map_err(|why| format!("{shown}: {why}"))?;
    }
    if manifest.ending() == Some(&Ending::Cut) {
        return Err(
            "the manifest ends without its closing line: what is behind it in the archive \
                    cannot be proven"
                .to_owned(),
        );
    }
    // Of an archive of an earlier version nothing is known, not even where it ends.
    if proof.proven > 0 || proof.unproven == 0 {
        check.finish().map_err(|error| format!("{shown}: {error}"))?;
    }
    Ok(proof)
}

impl Proof {
    fn member(
        &mut self,
        check: &mut ArchiveCheck<Box<dyn Read>>,
        record: &Record,
    ) -> Result<(), String> {
        let proven = match record.outcome {
            Outcome::Streamed => check.member(record),
            // Zeros fill what was missing of it: only its place is to be passed over.
            _ if record.offset.is_some() => {
                return check
                    .pass_over(record, record.size.unwrap_or_default())
                    .map_err(|error| error.to_string());
            }
            _ => return Ok(()),
        };
        match proven {
            Ok(()) => {
                self.proven += 1;
                self.bytes += record.bytes.unwrap_or_default();
            }
            Err(MemberError::Damaged(why)) => {
                self.damaged += 1;
                self.tell("damaged", self.damaged, record, &why);
            }
            Err(MemberError::Unproven(why)) => {
                self.unproven += 1;
                self.tell("not proven", self.unproven, record, &why);
            }
            Err(error) => {
                let key = record.key.escape_debug();
                return Err(format!("in the member of s3://{}/{key}: {error}", record.bucket));
            }
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "its counts are given")]
    fn tell(&self, what: &str, number: u64, record: &Record, why: &str) {
        if number <= NAMED {
            let key = record.key.escape_debug();
            say(format_args!("{what}: s3://{}/{key}: {why}", record.bucket));
        } else if number == NAMED + 1 {
            say(format_args!("further ones are counted; {} are named", count(NAMED)));
        }
    }
}
