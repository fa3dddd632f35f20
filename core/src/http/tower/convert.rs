//! Answers as data and as `http` messages.

use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;

use crate::http::Response;

/// A header of this answer cannot be sent: its name is no token, or its value has control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this answer has a status or a header that HTTP does not allow")]
pub struct UnsendableResponse;

/// An answer as `http` has it: names in lower case, the values of each name in their order.
impl TryFrom<Response> for ::http::Response<Bytes> {
    type Error = UnsendableResponse;

    fn try_from(response: Response) -> Result<Self, UnsendableResponse> {
        let mut message = Self::new(response.body.into());
        *message.status_mut() = StatusCode::from_u16(response.status).map_err(|_| UnsendableResponse)?;
        *message.headers_mut() = to_headers(&response.headers)?;
        Ok(message)
    }
}

/// A whole answer as data.
impl From<::http::Response<Bytes>> for Response {
    fn from(message: ::http::Response<Bytes>) -> Self {
        let headers = from_headers(message.headers());
        Self { status: message.status().as_u16(), headers, body: message.into_body().into() }
    }
}

pub(super) fn to_headers(headers: &[(String, Vec<u8>)]) -> Result<HeaderMap, UnsendableResponse> {
    let mut map = HeaderMap::with_capacity(headers.len().min(MAX_HEADERS));
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| UnsendableResponse)?;
        let value = HeaderValue::from_bytes(value).map_err(|_| UnsendableResponse)?;
        map.try_append(name, value).map_err(|_| UnsendableResponse)?;
    }
    Ok(map)
}

pub(super) fn from_headers(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

/// Room that is made at once; a map takes no more than 32,768 names in any case.
const MAX_HEADERS: usize = 64;
