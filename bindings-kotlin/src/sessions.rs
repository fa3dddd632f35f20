//! Calls on sessions.

use crate::context::{FfiContext, context};
use crate::fault::FfiException;
use crate::gate::{FfiGate, signed};
use crate::runtime::detached;

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Sessions")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub async fn revoke_session(&self, tenant: String, subject: String, session_id: String, request: Option<FfiContext>) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.sessions().revoke(&tenant, &subject, &session_id, context(request)).await }).await
    }

    pub async fn revoke_other_sessions(
        &self,
        tenant: String,
        subject: String,
        keep: String,
        request: Option<FfiContext>,
    ) -> Result<i64, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.sessions().revoke_others(&tenant, &subject, &keep, context(request)).await }).await.map(signed)
    }

    pub async fn revoke_all_sessions(&self, tenant: String, subject: String, request: Option<FfiContext>) -> Result<i64, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.sessions().revoke_all(&tenant, &subject, context(request)).await }).await.map(signed)
    }
}
