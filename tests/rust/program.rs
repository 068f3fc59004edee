//! The embedded server as another process, for tests that measure their own.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The server's program with a bucket `bucket`; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Kept: a server that cannot print its second line ends.
    _printed: BufReader<ChildStdout>,
    pub(crate) endpoint: String,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_s3stream-embedded-server"))
            .args(["--bucket", "bucket", "--until-stdin-closes"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        printed.read_line(&mut line).unwrap();
        let endpoint = line.trim().strip_prefix("ready ").unwrap().to_owned();
        Server { child, _printed: printed, endpoint }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
