//! Events, on their way to a listener in Kotlin.

use gatewright::event::Event;

use crate::context::FfiContext;

/// One decision.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::event::Event")]
pub struct FfiEvent {
    pub kind: String,
    /// Microseconds since the epoch.
    pub at: i64,
    pub outcome: String,
    pub tenant: Option<String>,
    pub subject: Option<String>,
    pub id: Option<String>,
    pub details: Vec<FfiDetail>,
    pub context: FfiContext,
}

/// What else is known of a decision.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiDetail {
    pub name: String,
    pub value: String,
}

impl From<&Event> for FfiEvent {
    fn from(event: &Event) -> Self {
        Self {
            kind: event.kind.to_owned(),
            at: event.at.as_micros(),
            outcome: event.outcome.to_owned(),
            tenant: event.tenant.clone(),
            subject: event.subject.clone(),
            id: event.id.clone(),
            details: event.details.iter().map(|(name, value)| FfiDetail { name: (*name).to_owned(), value: value.clone() }).collect(),
            context: FfiContext::from(&event.context),
        }
    }
}

/// A listener. The facade catches what the user's own throws, so an error here means that the edge itself failed.
#[uniffi::export(foreign)]
pub trait FfiEventSink: Send + Sync {
    /// Takes one event, on the thread that decided.
    ///
    /// # Errors
    /// Only if the call back could not be made.
    fn on_event(&self, event: FfiEvent) -> Result<(), FfiSinkError>;
}

/// A call back that could not be made.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum FfiSinkError {
    /// An exception that the facade did not catch. Its text is dropped: it may hold a stack trace of the host.
    #[error("the listener could not be called")]
    Uncaught,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for FfiSinkError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Uncaught
    }
}
