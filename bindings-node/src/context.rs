//! What the caller knows about the request that led to a call.

use napi_derive::napi;

#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct Context {
    pub request_id: Option<String>,
    pub trace_id: Option<String>,
    pub method: Option<String>,
    pub endpoint: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl From<Context> for gatewright::event::Context {
    fn from(context: Context) -> Self {
        let Context { request_id, trace_id, method, endpoint, ip, user_agent } = context;
        Self { request_id, trace_id, method, endpoint, ip, user_agent }
    }
}

/// The context of a call that was given one or none.
pub(crate) fn context(given: Option<Context>) -> gatewright::event::Context {
    given.unwrap_or_default().into()
}
