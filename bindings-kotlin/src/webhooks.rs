//! Calls on webhooks.

use std::sync::Arc;

use gatewright::gate::Verified;
use gatewright::time::Timestamp;
use gatewright::webhook::{Checked, Header, RequestLine, Sign};

use crate::context::{FfiContext, context};
use crate::fault::FfiException;
use crate::gate::FfiGate;
use crate::idempotency::FfiBegin;
use crate::runtime::detached;

/// A header as it came: its name and its exact bytes.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiHeader {
    pub name: String,
    pub value: Vec<u8>,
}

/// A header to send.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiSignedHeader {
    pub name: String,
    pub value: String,
}

/// The line of a request.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiRequestLine {
    pub method: String,
    pub url: String,
}

/// The optional arguments of a signature.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::webhook::Sign")]
pub struct FfiSign {
    pub id: Option<String>,
    pub nonce: Option<String>,
    pub request: Option<FfiRequestLine>,
}

/// A message whose signature and window are right.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::webhook::Checked")]
pub struct FfiChecked {
    pub key_id: String,
    /// Microseconds since the epoch.
    pub timestamp: Option<i64>,
    pub id: Option<String>,
    pub nonce: Option<String>,
}

/// What is known of a claimed message.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiVerifiedDetails {
    pub checked: FfiChecked,
    pub duplicate: bool,
}

/// A message that was checked, and what it is to do.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiBegunMessage {
    pub checked: FfiChecked,
    pub begin: FfiBegin,
}

/// A claimed message. Dropped without a commit, the claim is released.
#[derive(uniffi::Object)]
pub struct FfiVerified {
    verified: Arc<Verified>,
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Verified")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiVerified {
    #[must_use]
    pub fn details(&self) -> FfiVerifiedDetails {
        FfiVerifiedDetails { checked: FfiChecked::from(self.verified.checked()), duplicate: self.verified.duplicate() }
    }

    pub async fn commit(&self) -> Result<(), FfiException> {
        let claim = Arc::clone(&self.verified);
        detached(async move { claim.commit().await }).await
    }

    pub async fn release(&self) -> Result<(), FfiException> {
        let claim = Arc::clone(&self.verified);
        detached(async move { claim.release().await }).await
    }
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Webhooks")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub fn sign_webhook(&self, endpoint: String, body: Vec<u8>, sign: FfiSign) -> Result<Vec<FfiSignedHeader>, FfiException> {
        let headers = self.gate.webhooks().sign(&endpoint, &body, sign.into())?;
        Ok(headers.into_iter().map(|(name, value)| FfiSignedHeader { name, value }).collect())
    }

    pub fn check_webhook(
        &self,
        endpoint: String,
        headers: Vec<FfiHeader>,
        body: Vec<u8>,
        request: Option<FfiRequestLine>,
    ) -> Result<FfiChecked, FfiException> {
        let request = request.map(RequestLine::from);
        let checked = self.gate.webhooks().check(&endpoint, &pairs(headers), &body, request.as_ref())?;
        Ok(FfiChecked::from(&checked))
    }

    pub async fn verify_webhook(
        &self,
        endpoint: String,
        headers: Vec<FfiHeader>,
        body: Vec<u8>,
        request: Option<FfiRequestLine>,
        caller: Option<FfiContext>,
    ) -> Result<Arc<FfiVerified>, FfiException> {
        let gate = self.gate.clone();
        let call = async move {
            let request = request.map(RequestLine::from);
            gate.webhooks().verify(&endpoint, &pairs(headers), &body, request.as_ref(), context(caller)).await
        };
        detached(call).await.map(|verified| Arc::new(FfiVerified { verified: Arc::new(verified) }))
    }

    pub async fn begin_webhook(
        &self,
        endpoint: String,
        headers: Vec<FfiHeader>,
        body: Vec<u8>,
        request: Option<FfiRequestLine>,
        caller: Option<FfiContext>,
    ) -> Result<FfiBegunMessage, FfiException> {
        let gate = self.gate.clone();
        let call = async move {
            let request = request.map(RequestLine::from);
            gate.webhooks().begin(&endpoint, &pairs(headers), &body, request.as_ref(), context(caller)).await
        };
        detached(call).await.map(|(checked, begin)| FfiBegunMessage { checked: FfiChecked::from(&checked), begin: begin.into() })
    }
}

/// Headers as the core reads them.
pub(crate) fn pairs(headers: Vec<FfiHeader>) -> Vec<Header> {
    headers.into_iter().map(|header| (header.name, header.value)).collect()
}

impl From<FfiRequestLine> for RequestLine {
    fn from(request: FfiRequestLine) -> Self {
        let FfiRequestLine { method, url } = request;
        Self { method, url }
    }
}

impl From<FfiSign> for Sign {
    fn from(sign: FfiSign) -> Self {
        let FfiSign { id, nonce, request } = sign;
        Self { id, nonce, request: request.map(RequestLine::from) }
    }
}

impl From<&Checked> for FfiChecked {
    fn from(checked: &Checked) -> Self {
        Self {
            key_id: checked.key_id.clone(),
            timestamp: checked.timestamp.map(Timestamp::as_micros),
            id: checked.id.clone(),
            nonce: checked.nonce.clone(),
        }
    }
}
