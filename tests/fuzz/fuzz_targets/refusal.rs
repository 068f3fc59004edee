#![no_main]

libfuzzer_sys::fuzz_target!(|input: (u16, Vec<(String, String)>, Vec<u8>)| {
    let (status, headers, body) = input;
    s3stream_core::fuzzing::refusal(status, &headers, &body);
});
