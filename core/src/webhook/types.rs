//! What goes into the calls on webhooks and what comes out.

use crate::event::Context;
use crate::time::Timestamp;

/// A header: its name and its exact bytes.
pub type Header = (String, Vec<u8>);

/// The headers of a request. Read for the scheme's names only, case-insensitively.
pub type Headers<'a> = &'a [Header];

/// The line of a request, for schemes that sign it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RequestLine {
    pub method: String,
    pub url: String,
}

/// The optional arguments of a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sign {
    /// The message id, for schemes that have one. Drawn if absent.
    pub id: Option<String>,
    /// The nonce, for schemes that have one. Drawn if absent.
    pub nonce: Option<String>,
    /// The request, for schemes that sign it.
    pub request: Option<RequestLine>,
}

/// A message whose signature and window are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Which secret signed it.
    pub key_id: String,
    /// When, if the scheme has a time.
    pub timestamp: Option<Timestamp>,
    /// The message id, if the scheme has one.
    pub id: Option<String>,
    /// The nonce, if the scheme has one.
    pub nonce: Option<String>,
    /// The request that led here.
    pub context: Context,
}
