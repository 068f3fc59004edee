//! A server, a directory to write to, and what is to be found in it afterwards.

// Each test file uses its part.
#![allow(dead_code)]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use s3stream_core::Canceller;
use s3stream_core::blocking::Client;
use s3stream_core::report::{Manifest, Record};
use s3stream_programs::{Status, backup};
use s3stream_tests::embedded::EmbeddedServer;
use tempfile::TempDir;

pub(crate) struct Scene {
    pub(crate) server: EmbeddedServer,
    pub(crate) directory: TempDir,
    bucket: String,
}

impl Scene {
    pub(crate) fn new(bucket: &str) -> Scene {
        let server = EmbeddedServer::builder().start().unwrap();
        server.store().create_bucket(bucket);
        let directory = tempfile::tempdir().unwrap();
        Scene { server, directory, bucket: bucket.to_owned() }
    }

    /// A client of the scene's server.
    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .endpoint_url(&self.server.endpoint_url())
            .credentials(&self.server.access_key_id(), &self.server.secret_access_key())
            .region("us-east-1")
            .proxy("none")
            .build_blocking()
            .unwrap()
    }

    /// A path in the scene's directory.
    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn arguments(&self, source: &str, options: &[&str]) -> Vec<OsString> {
        let key = format!("access_key_id={}", self.server.access_key_id());
        let secret = format!("secret_access_key={}", self.server.secret_access_key());
        let url = self.server.endpoint_url();
        ["s3stream-backup", source, "--endpoint-url", &url]
            .into_iter()
            .chain(["--set", &key, "--set", &secret, "--set", "proxy=none"])
            .chain(options.iter().copied())
            .map(OsString::from)
            .collect()
    }

    pub(crate) fn run(&self, options: &[&str]) -> Status {
        self.run_with(options, &|_| ())
    }

    pub(crate) fn run_with(&self, options: &[&str], on_start: &dyn Fn(Canceller)) -> Status {
        let source = format!("s3://{}", self.bucket);
        backup::run(self.arguments(&source, options), on_start)
    }

    /// The path of a new named pipe.
    pub(crate) fn pipe(&self, name: &str) -> String {
        let path = self.path(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    /// Runs into a named pipe; `first` reads its beginning and gives what it read.
    pub(crate) fn run_into_pipe(
        &self,
        options: &[&str],
        first: impl FnOnce(&mut File) -> Vec<u8> + Send,
    ) -> (Status, Vec<u8>) {
        let path = self.pipe("pipe");
        let options = [&["-o", &path], options].concat();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut pipe = File::open(&path).unwrap();
                let mut archive = first(&mut pipe);
                pipe.read_to_end(&mut archive).unwrap();
                archive
            });
            let status = self.run(&options);
            (status, reader.join().unwrap())
        })
    }

    /// The records of a manifest.
    pub(crate) fn records(&self, name: &str) -> Vec<Record> {
        let manifest = BufReader::new(File::open(self.path(name)).unwrap());
        Manifest::open(manifest).unwrap().map(Result::unwrap).collect()
    }

    /// Unpacks an archive as anybody would.
    pub(crate) fn extract(&self, name: &str) -> PathBuf {
        let directory = self.directory.path().join("restored");
        fs::create_dir(&directory).unwrap();
        let mut tar = Command::new("tar");
        tar.arg("-xf").arg(self.path(name)).arg("-C").arg(&directory);
        assert!(tar.status().unwrap().success());
        directory
    }
}

/// Paths of all files below a directory, relative to it.
pub(crate) fn files_below(directory: &Path) -> Vec<String> {
    fn visit(root: &Path, directory: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(root, &path, files);
            } else {
                files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut files = Vec::new();
    visit(directory, directory, &mut files);
    files
}

/// Names and contents of an archive's members.
pub(crate) fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let mut members = Vec::new();
    for member in archive.entries().unwrap() {
        let mut member = member.unwrap();
        let mut content = Vec::new();
        member.read_to_end(&mut content).unwrap();
        members.push((member.path().unwrap().to_str().unwrap().to_owned(), content));
    }
    members
}
