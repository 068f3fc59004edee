//! `s3stream-backup`: the command around the library beside it.

use std::process::ExitCode;

use s3stream_backup::run;
use s3stream_core::Canceller;

fn main() -> ExitCode {
    run(std::env::args_os(), &on_signal).into()
}

/// Ends the run in good order at the first Ctrl-C or SIGTERM, and at once at the second.
fn on_signal(canceller: Canceller) {
    let mut is_second = false;
    let handler = move || {
        if is_second {
            std::process::exit(1);
        }
        is_second = true;
        canceller.cancel();
    };
    // Without a handler the signal ends the process: the archive keeps its partial name.
    let _ = ctrlc::set_handler(handler);
}
