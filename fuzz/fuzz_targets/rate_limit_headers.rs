//! Headers of another server's answer that tell of its limits: lines `name: value`.

#![no_main]

use gatewright::limits::parse_headers;
use gatewright::time::Timestamp;
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_secs(1_795_248_000);

fuzz_target!(|input: &[u8]| {
    let headers: Vec<_> = input.split(|byte| *byte == b'\n').map(header).collect();
    let server = parse_headers(&headers, NOW);
    assert!((0..=1 << 53).contains(&server.wait_us));
    assert!(server.limits.len() <= 2_048);
    // What is told of is no larger than what told it.
    let held: usize = server.limits.iter().map(|limit| limit.name.len() + limit.partition_key.as_ref().map_or(0, Vec::len)).sum();
    assert!(held <= input.len());
    // The names in any case, and other headers between, change nothing.
    let again = headers.iter().flat_map(|(name, value)| [(name.to_ascii_uppercase(), value.clone()), ("X-Other".to_owned(), b"1".to_vec())]);
    assert_eq!(parse_headers(&again.collect::<Vec<_>>(), NOW), server);
});

fn header(line: &[u8]) -> (String, Vec<u8>) {
    match line.windows(2).position(|window| window == b": ") {
        Some(end) => (String::from_utf8_lossy(&line[..end]).into_owned(), line[end + 2..].to_vec()),
        None => (String::new(), line.to_vec()),
    }
}
