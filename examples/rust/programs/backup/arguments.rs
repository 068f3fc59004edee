//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use s3stream_core::ListOptions;

use crate::cli::{Connection, Source, settings};

/// Back up all objects of an S3 bucket into one tar file, each proven by its checksum
///
/// What the server keeps no checksum of is proven by its length only; the summary says how
/// many, and why. With --set require_proof=yes such an object fails.
///
/// Without arguments, a demonstration bucket of a server in this process is backed up.
/// Exit status: 0 if the listing came to its end and nothing failed, 1 otherwise, 2 if the
/// command line or a setting is wrong.
#[derive(Debug, Parser)]
#[command(name = "s3stream-backup", version, args_conflicts_with_subcommands = true)]
#[command(after_help = settings())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) backup: BackupArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the report of a manifest
    Report(RebuildArguments),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct BackupArguments {
    /// What to back up; the prefix may be empty
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(crate) source: Option<Source>,
    /// The tar file, or - for standard output [default: BUCKET.tar]
    ///
    /// Until the listing has come to its end, its name has .partial behind it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// One line of JSON for each object [default: beside the tar file, .jsonl]
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// A page that says what became of it all
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Only keys after this one
    #[arg(long, value_name = "KEY")]
    pub(crate) start_after: Option<String>,
    /// Only keys up to this one, itself included
    #[arg(long, value_name = "KEY")]
    pub(crate) end_at: Option<String>,
    /// A plan, as `s3stream plan` makes it: only the keys of one of its shards
    #[arg(long, value_name = "FILE", requires = "shard", conflicts_with_all = ["source", "start_after", "end_at"])]
    pub(crate) plan: Option<PathBuf>,
    /// The number of the shard
    #[arg(long, value_name = "ID", requires = "plan")]
    pub(crate) shard: Option<u32>,
    /// Requests in flight ahead of the archive, at most
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
    /// Do not list everything once ahead to tell the time left
    ///
    /// That costs one request for 1,000 keys, and is only done where standard error is a
    /// terminal.
    #[arg(long)]
    pub(crate) no_count: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RebuildArguments {
    /// A manifest of a backup
    pub(crate) manifest: PathBuf,
    /// The page to write
    #[arg(short, long, value_name = "FILE.html")]
    pub(crate) output: PathBuf,
}

impl Default for BackupArguments {
    /// As an empty command line has them.
    fn default() -> Self {
        Arguments::parse_from(["s3stream-backup"]).backup
    }
}

impl BackupArguments {
    /// Whether it says where to read or write, so that the bucket was forgotten rather than
    /// a demonstration wanted: a job whose variable is empty must not succeed by that.
    pub(crate) fn names_a_place(&self) -> bool {
        self.output.is_some()
            || self.manifest.is_some()
            || self.report.is_some()
            || self.connection.names_a_place()
            || self.start_after.is_some()
            || self.end_at.is_some()
    }

    /// What is to be listed of it.
    pub(crate) fn selection(&self, source: &Source) -> ListOptions {
        let mut options = ListOptions::new().prefix(&source.prefix).prove_end(true);
        if let Some(key) = &self.start_after {
            options = options.start_after(key);
        }
        if let Some(key) = &self.end_at {
            options = options.end_at(key);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use s3stream_core::SETTINGS;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_lists_every_setting() {
        Arguments::command().debug_assert();
        let help = Arguments::command().render_long_help().to_string();
        assert!(SETTINGS.iter().all(|setting| help.contains(setting.name)));
    }
}
