//! Where everything goes.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use s3stream_core::report::Head;

use super::arguments::BackupArguments;
use crate::account::{Ledger, at};
use crate::archive::{Archive, Output, partial, resolved};
use crate::cli::Source;

/// The files of a run, each another one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Places {
    /// `None` for standard output.
    pub(crate) archive: Option<PathBuf>,
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) report: Option<PathBuf>,
}

impl Places {
    /// The places that the command line names, and those beside them.
    pub(crate) fn of(arguments: &BackupArguments, source: &Source) -> Result<Places, String> {
        let archive = match &arguments.output {
            Some(path) if path == Path::new("-") => None,
            Some(path) => Some(path.clone()),
            None => Some(PathBuf::from(format!("{}.tar", source.bucket))),
        };
        // Beside standard output, a pipe or a device there is no place that one could guess.
        let is_file = |path: &&PathBuf| path.metadata().map_or(true, |there| there.is_file());
        let beside = archive.as_ref().filter(is_file).map(|path| beside(path));
        let places = Places {
            manifest: arguments.manifest.clone().or(beside),
            archive,
            report: arguments.report.clone(),
        };
        places.check()?;
        Ok(places)
    }

    /// That no file is two, whatever way leads to it, not even while it is partial.
    fn check(&self) -> Result<(), String> {
        let mut taken = BTreeSet::new();
        for path in [&self.archive, &self.manifest, &self.report].into_iter().flatten() {
            let name = resolved(path);
            if !taken.insert(partial(&name)) | !taken.insert(name) {
                return Err(format!("{} is named twice", path.display()));
            }
        }
        Ok(())
    }

    /// Opens archive and manifest, whose head is `head`.
    pub(crate) fn open(&self, head: &Head) -> io::Result<(Archive, Ledger)> {
        let output = match &self.archive {
            Some(path) => Output::create(path).map_err(|error| at(path, &error))?,
            None => Output::stdout()?,
        };
        Ok((Archive::new(output), Ledger::open(self.manifest.as_deref(), head)?))
    }
}

/// `out.jsonl` beside `out.tar`, `out.2026.jsonl` beside `out.2026`.
fn beside(archive: &Path) -> PathBuf {
    if archive.extension().is_some_and(|extension| extension == "tar") {
        return archive.with_extension("jsonl");
    }
    let mut path = archive.as_os_str().to_owned();
    path.push(".jsonl");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_beside_its_archive_and_never_in_its_place() {
        for (archive, manifest) in [
            ("out.tar", "out.jsonl"),
            ("a/out.2026", "a/out.2026.jsonl"),
            ("out.jsonl", "out.jsonl.jsonl"),
        ] {
            assert_eq!(beside(Path::new(archive)), Path::new(manifest));
        }
    }

    #[test]
    fn no_file_is_two() {
        let source: Source = "s3://b".parse().unwrap();
        let with = |manifest: &str| {
            let arguments = BackupArguments {
                output: Some("out.tar".into()),
                manifest: Some(manifest.into()),
                ..BackupArguments::default()
            };
            Places::of(&arguments, &source)
        };
        let here = std::env::current_dir().unwrap();
        let whole = here.join("out.tar");
        for same in ["out.tar", "./out.tar", "out.tar.partial", whole.to_str().unwrap()] {
            assert!(with(same).unwrap_err().contains("named twice"), "{same}");
        }
        assert!(with("out.jsonl").is_ok());
    }
}
