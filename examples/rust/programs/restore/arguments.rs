//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::cli::{Connection, Source, settings};

/// Restore objects of a backup into a bucket, each compared with its digest before it is there
///
/// Without arguments, the demonstration bucket of a server in this process is backed up,
/// restored into a second one and compared.
/// Exit status: 0 if all that was chosen is in the bucket as it was backed up, or was left out
/// by --replace; 1 if something is missing; 2 if the command line or a setting is wrong.
#[derive(Debug, Parser)]
#[command(name = "s3stream-restore", version, after_help = settings())]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) restore: RestoreArguments,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RestoreArguments {
    /// The manifest of the backup
    pub(super) manifest: Option<PathBuf>,
    /// The tar file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub(super) archive: Option<PathBuf>,
    /// Where to; a prefix is put before each key
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pub(super) to: Option<Source>,
    /// Only this object; may be given several times
    #[arg(long, value_name = "KEY")]
    pub(super) key: Vec<String>,
    /// Only objects whose keys begin so; may be given several times
    #[arg(long, value_name = "PREFIX")]
    pub(super) prefix: Vec<String>,
    /// What becomes of an object that is there already
    #[arg(long, value_name = "WHEN", default_value = "never")]
    pub(super) replace: Replace,
    /// Storage class: keep that of the backup, the bucket's default, or one by its name
    #[arg(long, value_name = "CLASS", default_value = "default")]
    pub(super) storage_class: String,
    /// A canned ACL for all objects; none is sent unless it is given
    #[arg(long, value_name = "NAME")]
    pub(super) acl: Option<String>,
    /// Encryption: the bucket's default, or as it was
    #[arg(long, value_name = "HOW", default_value = "default")]
    pub(super) encryption: Keep,
    /// Retention and legal hold: none, or as they were; COMPLIANCE is lifted by nobody
    #[arg(long, value_name = "HOW", default_value = "default")]
    pub(super) lock: Keep,
    /// Write nothing; say what would be restored, and prove it against the manifest
    #[arg(long)]
    pub(super) dry_run: bool,
    /// One line of JSON for each object that was chosen: what became of it
    #[arg(long, value_name = "FILE")]
    pub(super) account: Option<PathBuf>,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Replace {
    /// Leave it
    Never,
    /// Replace it if it was written before the one of the backup
    IfNewer,
    /// Replace it if its bytes are others, or nobody can tell
    IfChanged,
    /// Replace it
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Keep {
    Default,
    Keep,
}

impl RestoreArguments {
    /// Whether a key is to be restored.
    pub(super) fn chooses(&self, key: &str) -> bool {
        let is_all = self.key.is_empty() && self.prefix.is_empty();
        is_all
            || self.key.iter().any(|one| one == key)
            || self.prefix.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }

    /// Whether all of the backup is.
    pub(super) fn chooses_all(&self) -> bool {
        self.key.is_empty() && self.prefix.is_empty()
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
    fn keys_are_chosen_by_name_or_beginning() {
        let arguments = ["s3stream-restore", "--key", "a", "--prefix", "b/"];
        let chosen = Arguments::parse_from(arguments).restore;
        let keys = ["a", "ab", "b", "b/", "b/c"].map(|key| chosen.chooses(key));
        assert_eq!(keys, [true, false, false, true, true]);
        assert!(Arguments::parse_from(&arguments[..1]).restore.chooses("x"));
    }
}
