//! The fault server as a program: what it prints, when it ends, how it exits.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

const TRANSCRIPT: &str = "# A story.\ngroup: body\nobject: size=5 seed=3\nconfig: anonymous\n\
    do: read key=a%20b\nexpect: ok size=5\n---\nrequest GET /bucket/a%20b\n serve\n fin\nend\n";

struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    settings: Vec<String>,
    folder: TempDir,
}

fn start(transcript: &str) -> Program {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.fault");
    std::fs::write(&path, transcript).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_s3stream-fault-server"))
        .arg(path)
        .arg("--ca")
        .arg(folder.path().join("ca.pem"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut settings = Vec::new();
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 || line == "\n" {
            break;
        }
        settings.push(line.trim_end().to_owned());
    }
    Program { child, output, settings, folder }
}

impl Program {
    fn ask(&self, target: &str) -> String {
        let address = self.settings[0].strip_prefix("ready http://").unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
        let mut reply = Vec::new();
        socket.read_to_end(&mut reply).unwrap();
        String::from_utf8_lossy(&reply).into_owned()
    }

    fn close_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for the end and returns the exit code and standard error.
    fn end(mut self) -> (Option<i32>, String) {
        self.output.read_to_string(&mut String::new()).unwrap();
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        (self.child.wait().unwrap().code(), errors)
    }
}

#[test]
fn tells_its_url_and_the_settings() {
    let program = start(TRANSCRIPT);
    assert!(program.settings[0].starts_with("ready http://127.0.0.1:"));
    for line in ["group=body", "do=read key=a%20b", "expect=ok size=5", "object.size=5"] {
        assert!(program.settings.iter().any(|other| other == line), "{line}");
    }
    program.ask("/bucket/a%20b");
    program.end();
}

#[test]
fn ends_by_itself_when_the_client_has_left() {
    let program = start(TRANSCRIPT);
    assert!(program.ask("/bucket/a%20b").starts_with("HTTP/1.1 200 OK\r\n"));
    // Keeps the program's standard input open until it has ended.
    assert_eq!(program.end(), (Some(0), String::new()));
}

#[test]
fn fails_when_its_input_closes_too_early() {
    let mut program = start(TRANSCRIPT);
    program.close_input();
    let (code, errors) = program.end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("story.fault:8: GET /bucket/a%20b never came"), "{errors}");
}

#[test]
fn fails_when_something_else_came() {
    let mut program = start(TRANSCRIPT);
    program.ask("/bucket/other");
    program.close_input();
    let (code, errors) = program.end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("got GET /bucket/other"), "{errors}");
}

#[test]
fn fails_on_a_transcript_that_cannot_be_read() {
    let program = start("# A story.\nnonsense\n");
    assert!(program.settings.is_empty());
    let (code, errors) = program.end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("story.fault:2: "), "{errors}");
}

#[test]
fn writes_the_certificate_to_trust() {
    let text = TRANSCRIPT.replace("do:", "tls: trusted\ndo:");
    let mut program = start(&text);
    assert!(program.settings[0].starts_with("ready https://127.0.0.1:"));
    let path: PathBuf = program.folder.path().join("ca.pem");
    assert!(std::fs::read_to_string(path).unwrap().contains("BEGIN CERTIFICATE"));
    program.close_input();
    assert_eq!(program.end().0, Some(1));
}
