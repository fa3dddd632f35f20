//! Answers of idempotent operations, both ways. Their header values are bytes in the core and stand in a text of JavaScript
//! as Latin-1, as in Node's own HTTP, so that every byte survives.

use gatewright::http::Response;
use gatewright::{Error, Result};
use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;

/// A response that leaves.
#[napi(object, object_from_js = false)]
pub struct SentResponse {
    pub status: u32,
    /// Names and values in turn: the text of a JSON array.
    pub headers: String,
    /// A short one as a text of Latin-1, which crosses the border at a fraction of the cost of bytes.
    #[napi(ts_type = "string | Uint8Array")]
    pub body: Either<String, Uint8Array>,
}

impl From<Response> for SentResponse {
    fn from(response: Response) -> Self {
        let headers = headers_text(&response.headers);
        let is_short = response.body.len() <= SHORT_BODY;
        let body = if is_short { Either::A(latin1(&response.body)) } else { Either::B(Uint8Array::new(response.body)) };
        Self { status: response.status.into(), headers, body }
    }
}

/// Names and values in turn: the text of a JSON array.
pub(crate) fn headers_text(headers: &[(String, Vec<u8>)]) -> String {
    let flat: Vec<String> = headers.iter().flat_map(|(name, value)| [name.clone(), latin1(value)]).collect();
    serde_json::to_string(&flat).unwrap_or_default()
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

const SHORT_BODY: usize = 1024;

/// A response that was given: `headers` as [`headers_text`] writes it.
pub(crate) fn response(status: u16, headers: &str, body: &[u8]) -> Result<Response> {
    let wrong = || Error::invalid_argument("headers", "give names and values of characters up to U+00FF");
    let flat: Vec<String> = serde_json::from_str(headers).map_err(|_| wrong())?;
    let (pairs, _) = flat.as_chunks::<2>();
    let mut out = Vec::with_capacity(pairs.len());
    for [name, value] in pairs {
        let value: Option<Vec<u8>> = value.chars().map(|character| u8::try_from(character).ok()).collect();
        out.push((name.clone(), value.ok_or_else(wrong)?));
    }
    Ok(Response { status, headers: out, body: body.to_vec() })
}
