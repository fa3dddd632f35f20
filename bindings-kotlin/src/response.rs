//! Answers of HTTP, on their way to Kotlin and back.

use gatewright::Error;
use gatewright::http::Response;

use crate::webhooks::FfiHeader;

/// An answer. A text value of a header is made of its bytes by the facade.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::http::Response")]
pub struct FfiResponse {
    pub status: i32,
    pub headers: Vec<FfiHeader>,
    pub body: Vec<u8>,
}

impl From<Response> for FfiResponse {
    fn from(response: Response) -> Self {
        let Response { status, headers, body } = response;
        let headers = headers.into_iter().map(|(name, value)| FfiHeader { name, value }).collect();
        Self { status: i32::from(status), headers, body }
    }
}

impl TryFrom<FfiResponse> for Response {
    type Error = Error;

    fn try_from(response: FfiResponse) -> Result<Self, Error> {
        let FfiResponse { status, headers, body } = response;
        let headers = headers.into_iter().map(|FfiHeader { name, value }| (name, value)).collect();
        Ok(Self { status: http_status(status)?, headers, body })
    }
}

/// A status as the core has it, whose own rule is narrower.
pub(crate) fn http_status(status: i32) -> Result<u16, Error> {
    u16::try_from(status).map_err(|_| Error::invalid_argument("status", "give the final status of an answer, 200 to 599"))
}
