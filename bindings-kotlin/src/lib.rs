//! The Kotlin edge of Gatewright: records and handles that UniFFI carries over, and no rule.
//!
//! What is exported here is generated into `io.github.gatewright.internal.ffi` and is nobody's API: the hand-written
//! facade in `gatewright-jvm` gives it its Kotlin form. Three things follow from what a call costs (6–60 µs over JNA):
//! one call is one crossing, arguments and answers are records of plain data, and times are whole microseconds.
//!
//! Exports stay `pub`, so that another generator can take the place of this one.

// An error crosses as a record, which UniFFI cannot box.
#![allow(clippy::result_large_err)]

mod claims;
mod context;
mod decision;
mod epochs;
mod event;
mod fault;
mod gate;
mod idempotency;
mod kpi;
mod limits;
mod lockout;
mod response;
mod runtime;
mod server_limits;
mod sessions;
mod testing;
mod tokens;
mod webhooks;

pub use claims::FfiClaims;
pub use context::FfiContext;
pub use decision::{FfiAlgo, FfiAtomicity, FfiDecided, FfiDecision, FfiPermit, FfiSource, FfiTier};
pub use event::{FfiDetail, FfiEvent, FfiEventSink, FfiSinkError};
pub use fault::{FfiErrorCode, FfiException, FfiFault, FfiProblem, error_codes};
pub use gate::{FfiGate, gate_from_policy, open_gate};
pub use idempotency::{FfiBegin, FfiCheckpoint, FfiFinishAs, FfiGuard, FfiGuardDetails, FfiIdempotentRequest, next_action};
pub use kpi::{
    FfiArgument, FfiEvaluated, FfiFigure, FfiFloatMoments, FfiHistogram, FfiHistogramSnapshot, FfiKpi, FfiMember, FfiMoments, FfiNorms, FfiRanked,
    FfiReport, FfiSampleFigure, FfiSummary, evaluate_kpi, evaluate_kpi_json, evaluate_kpi_of, fcr_live_weight_all, report_kpi, report_kpi_table,
};
pub use limits::{FfiBegunDecision, FfiDecisionCall, FfiLimitItem, FfiLimitRequest};
pub use lockout::{FfiAccount, FfiAttempt, FfiBegunAttempt, FfiLockoutStatus};
pub use response::FfiResponse;
pub use server_limits::{FfiServerLimit, FfiServerLimits};
pub use testing::{FfiTestHost, read_decision, verify_jws};
pub use tokens::{FfiDevice, FfiLogin, FfiRefresh, FfiTokenPair, FfiVerdict};
pub use webhooks::{FfiBegunMessage, FfiChecked, FfiHeader, FfiRequestLine, FfiSign, FfiSignedHeader, FfiVerified, FfiVerifiedDetails};

uniffi::setup_scaffolding!();
