//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, ValueEnum};
use s3stream_core::report::Gate;

use crate::cli::{Connection, Source, settings};

/// Compare the manifest of a backup with the bucket as it is today, or with its archive
///
/// The bucket is listed, and no object is read: each line of JSON on standard output is an
/// object that is missing, changed, added, unproven, newer_than_listed, not_kept or never_kept.
/// Exit status: 0 if all that was backed up is there as it was, 1 if something is missing or
/// changed, damaged or cannot be looked at, 2 if the command line or a setting is wrong.
#[derive(Debug, Parser)]
#[command(name = "s3stream-verify", version, after_help = settings())]
pub(super) struct Arguments {
    /// The manifest of a backup
    pub(super) manifest: PathBuf,
    /// The bucket to compare with; as the manifest says if absent
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(super) source: Option<Source>,
    /// Prove the tar file against the manifest, each byte of it; - for standard input
    ///
    /// Then the bucket is not looked at, unless it is named.
    #[arg(long, value_name = "FILE")]
    pub(super) archive: Option<PathBuf>,
    /// Read this share of the objects that are the same, and compare their bytes: all, or 5%
    #[arg(long, value_name = "SHARE", default_value = "none")]
    pub(super) read: Share,
    /// Name the objects that are the same too
    #[arg(long)]
    pub(super) all: bool,
    /// What becomes of a bucket that lost or changed more than --gate-share
    #[arg(long, value_name = "WHAT", default_value = "warn")]
    pub(super) gate: GateMode,
    /// The share of the objects that may be missing or changed
    #[arg(long, value_name = "SHARE", default_value = "20%")]
    pub(super) gate_share: Gate,
    /// Of fewer objects than these no share is taken
    #[arg(long, value_name = "N", default_value_t = Gate::default().least)]
    pub(super) gate_least: u64,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GateMode {
    /// Say it, and let missing and changed objects decide the exit status
    Warn,
    /// The same, and let only this decide the exit status
    Fail,
    /// Say nothing
    Off,
}

/// How many objects of a million are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share(u64);

const WHOLE: u64 = 1_000_000;

impl Share {
    /// Whether this object is one of them: the same one in each run.
    pub(super) fn takes(self, key: &str) -> bool {
        // FNV-1a: well spread, and nobody's business to be secret.
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (hash >> 32) % WHOLE < self.0
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not all, none, or a share such as 5%");
        match text {
            "all" => Ok(Share(WHOLE)),
            "none" => Ok(Share(0)),
            _ => {
                let percent: f64 =
                    text.strip_suffix('%').and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
                if !(0.0..=100.0).contains(&percent) {
                    return Err(wrong());
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let share = (percent * WHOLE as f64 / 100.0).round() as u64;
                Ok(Share(share))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_share_takes_about_so_many_and_all_takes_all() {
        let taken = |share: &str| {
            let share: Share = share.parse().unwrap();
            (0..10_000).filter(|number| share.takes(&format!("some/key/{number}"))).count()
        };
        assert_eq!((taken("all"), taken("none"), taken("0%")), (10_000, 0, 0));
        assert!((400..600).contains(&taken("5%")), "{}", taken("5%"));
        for wrong in ["", "5", "101%", "-1%", "NaN%"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
