//! Calls on epochs.

use crate::context::{FfiContext, context};
use crate::fault::FfiException;
use crate::gate::{FfiGate, signed};
use crate::runtime::detached;

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Epochs")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub async fn bump_subject(&self, tenant: String, subject: String, reason: String, request: Option<FfiContext>) -> Result<i64, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.epochs().bump_subject(&tenant, &subject, &reason, context(request)).await }).await.map(signed)
    }

    pub async fn bump_tenant(&self, tenant: String, reason: String, request: Option<FfiContext>) -> Result<i64, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.epochs().bump_tenant(&tenant, &reason, context(request)).await }).await.map(signed)
    }

    pub async fn bump_all(&self, reason: String, request: Option<FfiContext>) -> Result<i64, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.epochs().bump_all(&reason, context(request)).await }).await.map(signed)
    }
}
