#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| s3stream_core::fuzzing::file_name(text));
