//! Policies of limits in memory, found once and named by a number: the hot path of a gateway. A number crosses at a fraction of the cost of
//! a handle, whose borrow napi keeps books on.

use std::cell::RefCell;

use gatewright::gate::LocalLimit;
use gatewright::{Error, Gate, Result};
use napi::bindgen_prelude::External;
use napi::{Env, JsString};
use napi_derive::napi;

use crate::answer::{Answer, answer};
use crate::limits::{leave, write};
use crate::text::Text;

thread_local! {
    /// Those of this thread's JavaScript, each at its number.
    static FOUND: RefCell<Vec<Option<LocalLimit>>> = const { RefCell::new(Vec::new()) };
}

/// Finds a policy; the number stands for it until it is let go of.
#[napi(catch_unwind, ts_return_type = "number | Failure")]
pub fn local_limit_find(gate: &External<Gate>, #[napi(ts_arg_type = "string")] policy: Text) -> Answer<u32> {
    answer(gate.limits().policy(policy.as_str()).and_then(keep))
}

fn keep(limit: LocalLimit) -> Result<u32> {
    FOUND.with_borrow_mut(|found| {
        let at = found.iter().position(Option::is_none).unwrap_or(found.len());
        let number = u32::try_from(at).map_err(|_| Error::Internal("too many policies"))?;
        match found.get_mut(at) {
            Some(free) => *free = Some(limit),
            None => found.push(Some(limit)),
        }
        Ok(number)
    })
}

/// Lets go of policies.
#[napi(catch_unwind)]
pub fn local_limit_drop(numbers: Vec<u32>) {
    let gone: Vec<Option<LocalLimit>> = FOUND.with_borrow_mut(|found| {
        let places = numbers.into_iter().filter_map(|number| usize::try_from(number).ok());
        places.filter_map(|at| found.get_mut(at).map(Option::take)).collect()
    });
    // Outside of the borrow: the last one may end its gate.
    drop(gone);
}

#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn local_limit_check<'env>(
    env: &'env Env,
    number: u32,
    #[napi(ts_arg_type = "string")] subject: Text,
    cost: u32,
) -> napi::Result<Answer<JsString<'env>>> {
    leave(env, with(number, |limit| write(&limit.check(subject.as_str(), cost)?)))
}

#[napi(catch_unwind, ts_return_type = "boolean | Failure")]
pub fn local_limit_allow(number: u32, #[napi(ts_arg_type = "string")] subject: Text, cost: u32) -> Answer<bool> {
    answer(with(number, |limit| limit.allow(subject.as_str(), cost)))
}

fn with<T>(number: u32, ask: impl FnOnce(&LocalLimit) -> Result<T>) -> Result<T> {
    FOUND.with_borrow(|found| {
        let limit = usize::try_from(number).ok().and_then(|at| found.get(at)?.as_ref());
        limit.map_or(Err(Error::Internal("a policy that was let go of")), ask)
    })
}
