//! The answer of an operation: what of it is stored, and what is sent when it is replayed.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::http::Response;

/// An answer as a replay: with the mark of one, and the key as this request sent it, if it sent one.
pub(crate) fn replayed(response: Response, mark: &str, key_line: Option<&[u8]>) -> Response {
    let response = response.header(mark, *b"true");
    match key_line {
        Some(key_line) => response.header("Idempotency-Key", key_line),
        None => response,
    }
}

/// What a record keeps of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    /// All that may be sent again.
    Whole(Response),
    /// The answer was too large to be kept.
    Omitted {
        status: u16,
        /// SHA-256 of its body.
        digest: [u8; 32],
    },
}

impl Stored {
    /// What is kept of an answer whose body nobody holds any more: its status and the SHA-256 of that body.
    ///
    /// # Errors
    /// `invalid_argument` for a status outside 200–599.
    pub(crate) fn without_body(status: u16, digest: [u8; 32]) -> Result<Self> {
        check_status(status)?;
        Ok(Self::Omitted { status, digest })
    }

    /// What is kept of this answer: headers that belong to one exchange or one caller are left out, with those that the route names; of an answer that is too
    /// large only its status and digest is kept, so that the operation is never run again for want of room.
    ///
    /// # Errors
    /// `invalid_argument` for a status outside 200–599.
    pub(crate) fn of(response: &Response, max_body: usize, never_stored: &[String]) -> Result<Self> {
        check_status(response.status)?;
        let headers = kept(&response.headers, never_stored);
        let size: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
        if response.body.len() > max_body || size > MAX_HEADERS {
            return Ok(Self::Omitted { status: response.status, digest: Sha256::digest(&response.body).into() });
        }
        Ok(Self::Whole(Response { status: response.status, headers, body: response.body.clone() }))
    }
}

fn check_status(status: u16) -> Result<()> {
    let is_final = (200..=599).contains(&status);
    if is_final { Ok(()) } else { Err(Error::invalid_argument("status", "give the final status of an answer, 200 to 599")) }
}

fn kept(headers: &[(String, Vec<u8>)], never_stored: &[String]) -> Vec<(String, Vec<u8>)> {
    let connection: Vec<&[u8]> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .collect();
    let is_kept = |name: &str| {
        let is = |other: &[u8]| other.eq_ignore_ascii_case(name.as_bytes());
        let is_proxy = name.as_bytes().get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"proxy-"));
        let is_never = NEVER_STORED.iter().copied().chain(never_stored.iter().map(String::as_str)).any(|never| is(never.as_bytes()));
        !is_proxy && !is_never && !connection.iter().any(|named| is(named))
    };
    headers.iter().filter(|(name, _)| is_kept(name)).cloned().collect()
}

/// What marks a replay, where the policy does not say otherwise.
pub(crate) const REPLAYED: &str = "Idempotent-Replayed";
/// A record holds 1 MiB and a body 960 KiB; the rest is for headers and state.
const MAX_HEADERS: usize = 60 << 10;
const NEVER_STORED: [&str; 13] = [
    "authorization",
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "set-cookie",
    "te",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
    "x-request-id",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_exchange_are_left_out_and_the_rest_keeps_its_order() {
        let mut response = Response::new(201, "made").header("X-A", "1").header("x-b", "2").header("X-A", "3");
        for never in ["Set-Cookie", "WWW-Authenticate", "Proxy-Anything", "PROXY-Authenticate", "Authorization", "Date", "Content-Length"] {
            response = response.header(never, "secret");
        }
        for never in
            ["Traceparent", "X-Request-Id", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade", "Trailer", "X-Hop", "Proxy-Connection", "x-trace"]
        {
            response = response.header(never, "hop");
        }
        let response = response.header("Connection", "close, x-hop").header("proxyless", "kept");
        let Stored::Whole(stored) = Stored::of(&response, 4, &["X-Trace".to_owned()]).unwrap() else { panic!("it is small") };
        let expected = Response::new(201, "made").header("X-A", "1").header("x-b", "2").header("X-A", "3").header("proxyless", "kept");
        assert_eq!(stored, expected);
        let replay = replayed(stored, REPLAYED, Some(b"\"order-17\""));
        assert_eq!(replay, expected.header("Idempotent-Replayed", "true").header("Idempotency-Key", "\"order-17\""));
    }

    #[test]
    fn a_large_answer_leaves_its_status_and_digest() {
        // SHA-256 of "abc", from FIPS 180-2.
        let abc = crate::encode::from_hex(b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
        let Stored::Omitted { status: 202, digest } = Stored::of(&Response::new(202, "abc"), 2, &[]).unwrap() else { panic!("it is too large") };
        assert_eq!(digest.to_vec(), abc);
        let many = Response::new(200, "").header("x", vec![b'a'; MAX_HEADERS]);
        assert!(matches!(Stored::of(&many, 2, &[]), Ok(Stored::Omitted { .. })));
    }

    #[test]
    fn only_final_statuses_are_answers() {
        for (status, is_final) in [(0, false), (100, false), (199, false), (200, true), (599, true), (600, false), (u16::MAX, false)] {
            assert_eq!(Stored::of(&Response::new(status, ""), 2, &[]).is_ok(), is_final, "{status}");
        }
    }
}
