//! `s3stream-verify`: the command around the library beside it.

use std::process::ExitCode;

use s3stream_programs::{on_signal, verify};

fn main() -> ExitCode {
    verify::run(std::env::args_os(), &on_signal).into()
}
