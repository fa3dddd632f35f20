//! The native half of the npm package: argument and error translation, no rules.
//!
//! Free functions over opaque handles, since a method call costs twice as much. No function throws for an expected
//! refusal: each answers a value or a `Failure`, and the JavaScript half throws the error class that belongs to it. That
//! also gives a rejected promise its own `code`, which napi's errors cannot carry out of a future.

#![allow(unreachable_pub, reason = "napi exports items that are `pub` in private modules")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build"))]

mod answer;
mod checked;
mod claims;
mod context;
mod epochs;
mod event;
mod gate;
mod idempotency;
mod kpi;
mod limits;
mod local_limit;
mod lockout;
mod problem;
mod report;
mod response;
mod sessions;
mod testing;
mod text;
mod tokens;
mod webhooks;
