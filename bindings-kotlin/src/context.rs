//! The request that led to a call.

use gatewright::event::Context;

/// What the caller knows about the request.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::event::Context")]
pub struct FfiContext {
    pub request_id: Option<String>,
    pub trace_id: Option<String>,
    pub method: Option<String>,
    pub endpoint: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl From<FfiContext> for Context {
    fn from(context: FfiContext) -> Self {
        let FfiContext { request_id, trace_id, method, endpoint, ip, user_agent } = context;
        Self { request_id, trace_id, method, endpoint, ip, user_agent }
    }
}

impl From<&Context> for FfiContext {
    fn from(context: &Context) -> Self {
        let Context { request_id, trace_id, method, endpoint, ip, user_agent } = context.clone();
        Self { request_id, trace_id, method, endpoint, ip, user_agent }
    }
}

/// The context of a call, empty if it gave none.
pub(crate) fn context(given: Option<FfiContext>) -> Context {
    given.map(Context::from).unwrap_or_default()
}
