#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| s3stream_core::fuzzing::profile_file(text));
