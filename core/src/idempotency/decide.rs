//! The rule: what becomes of an operation, from its record, the call and the time.

use std::time::Duration;

use super::policy::{Effects, On5xx, OnCrash, Settings};
use super::record::{Checkpoint, Entry, FENCE_END, InFlight, Mark, OwnerToken, State};
use super::response::Stored;
use crate::error::{Error, IdempotencyError, Result};
use crate::http::Response;
use crate::time::Timestamp;

/// How long one attempt may renew its lease.
pub(crate) const MAX_LEASE: Duration = Duration::from_secs(15 * 60);
/// The longest time that a client is told to wait.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Whether an answer is kept, where the caller says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishAs {
    /// The answer is kept: the same request is answered with it.
    Store,
    /// The key is free again: the same request is run again.
    Release,
}

/// What a request is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Run it: for the first time, as far as anybody knows.
    Execute(Entry),
    /// Take it over from a worker whose lease ran out.
    Resume(Entry),
    /// Answer as before.
    Replay(Response),
}

/// What the owner of an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    Checkpoint(Checkpoint),
    Complete(Stored, Option<FinishAs>),
    MarkEffects,
    Release,
    Renew,
}

/// What a request of this fingerprint is to do. `token` is that of its owner, if it becomes one.
///
/// # Errors
/// `idempotency_key_reused` before anything else, `in_progress`, `outcome_unknown`, `response_unavailable`.
pub(crate) fn begin(found: Option<&Entry>, fingerprint: [u8; 32], token: OwnerToken, settings: &Settings, now: Timestamp) -> Result<Begun> {
    let fresh = InFlight { fingerprint, attempt: 1, begun_at: now, lease_until: now.plus(settings.lease), mark: Mark::None, checkpoint: None };
    let own = |flight: InFlight| -> Result<Entry> {
        let fence = next_fence(found, now)?;
        Ok(Entry { fence, token, until: flight.lease_until.plus(settings.retention), state: State::InFlight(flight) })
    };
    match found.filter(|entry| now < entry.until).map(|entry| &entry.state) {
        None | Some(State::Released) => own(fresh).map(Begun::Execute),
        Some(State::InFlight(InFlight { fingerprint: other, .. }) | State::Completed { fingerprint: other, .. }) if *other != fingerprint => {
            Err(IdempotencyError::KeyReused.into())
        }
        Some(State::Completed { stored: Stored::Whole(response), .. }) => Ok(Begun::Replay(response.clone())),
        Some(State::Completed { stored: Stored::Omitted { status, digest }, .. }) => {
            Err(IdempotencyError::ResponseUnavailable { status: *status, digest: *digest }.into())
        }
        Some(State::InFlight(flight)) if now < flight.lease_until => {
            let left = flight.lease_until.since(now).min(MAX_WAIT);
            let retry_after = Duration::from_secs(left.as_micros().div_ceil(1_000_000).try_into().unwrap_or(u64::MAX));
            Err(IdempotencyError::InProgress { retry_after }.into())
        }
        Some(State::InFlight(flight)) if !may_resume(flight.mark, settings) => Err(IdempotencyError::OutcomeUnknown.into()),
        Some(State::InFlight(flight)) => {
            let attempt = flight.attempt.saturating_add(1);
            own(InFlight { attempt, mark: flight.mark, checkpoint: flight.checkpoint.clone(), ..fresh }).map(Begun::Resume)
        }
    }
}

/// What the owner's act leaves; none where it changes nothing.
///
/// # Errors
/// `stale` where the operation is another's, or nobody's; `invalid_argument` for a release after a mark.
pub(crate) fn act(found: Option<&Entry>, token: OwnerToken, act: &Act, settings: &Settings, now: Timestamp) -> Result<Option<Entry>> {
    let Some(entry) = found.filter(|entry| now < entry.until) else { return Err(IdempotencyError::Stale { response: None }.into()) };
    let flight = match &entry.state {
        State::InFlight(flight) if entry.token == token => flight,
        // The reply to this very call was lost.
        State::Completed { stored, .. } if entry.token == token && matches!(act, Act::Complete(again, _) if again == stored) => return Ok(None),
        State::Released if entry.token == token && matches!(act, Act::Complete(..) | Act::Release) => return Ok(None),
        State::Completed { stored: Stored::Whole(response), .. } => {
            return Err(IdempotencyError::Stale { response: Some(Box::new(response.clone())) }.into());
        }
        _ => return Err(IdempotencyError::Stale { response: None }.into()),
    };
    let released = Entry { until: now.plus(settings.retention), state: State::Released, ..entry.clone() };
    let changed = match act {
        Act::Checkpoint(checkpoint) => {
            let mark = if flight.mark == Mark::None { Mark::None } else { Mark::Covered };
            InFlight { mark, checkpoint: Some(checkpoint.clone()), ..flight.clone() }
        }
        Act::MarkEffects => InFlight { mark: Mark::Uncovered, ..flight.clone() },
        Act::Renew => {
            let end = now.plus(settings.lease).min(flight.begun_at.plus(MAX_LEASE));
            InFlight { lease_until: end.max(flight.lease_until), ..flight.clone() }
        }
        Act::Release if flight.mark == Mark::None => return Ok(Some(released)),
        Act::Release => return Err(Error::invalid_argument("guard", "complete it: its effects are marked, so it cannot be given back")),
        Act::Complete(stored, finish_as) => {
            if !is_stored(stored, flight.mark, *finish_as, settings) {
                return Ok(Some(released));
            }
            let state = State::Completed { fingerprint: flight.fingerprint, stored: stored.clone() };
            return Ok(Some(Entry { until: now.plus(settings.retention), state, ..entry.clone() }));
        }
    };
    if changed == *flight {
        return Ok(None);
    }
    // Only a lease that moved moves the end; an end that was stored stays, whatever the settings are now.
    let until = if changed.lease_until == flight.lease_until { entry.until } else { changed.lease_until.plus(settings.retention).max(entry.until) };
    Ok(Some(Entry { until, state: State::InFlight(changed), ..entry.clone() }))
}

/// Whether a guard that is dropped gives its operation back; if not, the lease runs out.
pub(crate) const fn drop_releases(is_marked: bool, settings: &Settings) -> bool {
    !is_marked && !stores_5xx(settings)
}

/// When the record may be deleted. In flight its end slides, and is rounded up to the hour, so that most writes leave it alone.
pub(crate) fn expires_at(entry: &Entry) -> Timestamp {
    let micros = entry.until.as_micros();
    match entry.state {
        State::InFlight(_) => Timestamp::from_micros(micros.saturating_add(HOUR_MICROS - 1).div_euclid(HOUR_MICROS).saturating_mul(HOUR_MICROS)),
        State::Released | State::Completed { .. } => entry.until,
    }
}

/// A checkpoint after a mark covers it for this only.
fn may_resume(mark: Mark, settings: &Settings) -> bool {
    mark != Mark::Uncovered && (settings.effects == Effects::Explicit || settings.on_crash == OnCrash::Rerun)
}

const fn stores_5xx(settings: &Settings) -> bool {
    !matches!(settings.effects, Effects::Explicit) && matches!(settings.on_5xx, On5xx::Store)
}

fn is_stored(stored: &Stored, mark: Mark, finish_as: Option<FinishAs>, settings: &Settings) -> bool {
    let (Stored::Whole(Response { status, .. }) | Stored::Omitted { status, .. }) = stored;
    match (finish_as, status) {
        (Some(finish_as), _) => finish_as == FinishAs::Store,
        (None, _) if mark != Mark::None => true,
        // Refused before the act.
        (None, 401 | 403 | 408 | 413 | 415 | 421 | 425 | 429) => false,
        (None, 409 | 500..) => stores_5xx(settings),
        (None, _) => true,
    }
}

fn next_fence(found: Option<&Entry>, now: Timestamp) -> Result<u64> {
    let after = found.map_or(1, |entry| entry.fence.saturating_add(1));
    let fence = after.max(u64::try_from(now.as_micros()).unwrap_or(0));
    if fence < FENCE_END { Ok(fence) } else { Err(Error::Internal("the store's clock is beyond the year 2255")) }
}

const HOUR_MICROS: i64 = 3_600_000_000;

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
