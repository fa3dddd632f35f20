//! The client's side: a key for a new operation, and what to do with it after an answer.

use crate::entropy::{Entropy, draw};
use crate::error::{NextAction, Result, TABLE};
use crate::time::Timestamp;

/// What to do after an answer of this HTTP status (0 for none: a time-out or a lost connection) and code, where the answer has one.
/// A key is given up only after a definite outcome.
///
/// ```
/// use gatewright::idempotency::{NextAction, next_action};
///
/// assert_eq!(next_action(201, None), NextAction::Rotate);
/// assert_eq!(next_action(0, None), NextAction::Reuse);
/// assert_eq!(next_action(409, Some("in_progress")), NextAction::Wait);
/// assert_eq!(next_action(409, Some("outcome_unknown")), NextAction::Reconcile);
/// ```
#[must_use]
pub fn next_action(status: u16, code: Option<&str>) -> NextAction {
    match code {
        Some(code) => TABLE.iter().find(|row| row.code == code).map_or_else(|| NextAction::of_status(status), |row| row.next_action),
        None => NextAction::of_status(status),
    }
}

/// A key for a new operation: a UUID of version 7 (RFC 9562), so that keys sort by their time. Keep it beside the operation
/// before the first request is sent. Draws 10 bytes.
pub(crate) fn new_key(now: Timestamp, entropy: &dyn Entropy) -> Result<String> {
    let [.., t2, t3, t4, t5, t6, t7] = now.as_millis().max(0).to_be_bytes();
    let [a0, a1, b @ ..] = draw::<10>(entropy)?;
    let [b0, b1, b2, b3, b4, b5, b6, b7] = b;
    let bytes = [t2, t3, t4, t5, t6, t7, 0x70 | (a0 & 0x0f), a1, 0x80 | (b0 & 0x3f), b1, b2, b3, b4, b5, b6, b7];
    let mut text = String::with_capacity(36);
    for (at, digit) in crate::encode::hex(&bytes).chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Entropy for Ones {
        fn fill(&self, out: &mut [u8]) -> Result<()> {
            out.fill(0xff);
            Ok(())
        }
    }

    #[test]
    fn keys_are_of_version_7() {
        // The instant of the example in RFC 9562, appendix A.6.
        let now = Timestamp::from_micros(0x017F_22E2_79B0 * 1000 + 999);
        assert_eq!(new_key(now, &Ones).unwrap(), "017f22e2-79b0-7fff-bfff-ffffffffffff");
        assert_eq!(new_key(Timestamp::from_micros(-1), &Ones).unwrap(), "00000000-0000-7fff-bfff-ffffffffffff");
    }

    #[test]
    fn a_key_is_given_up_only_after_a_definite_outcome() {
        let expected = [
            (0, None, "reuse"),
            (200, None, "rotate"),
            (404, None, "rotate"),
            (401, None, "reuse"),
            (408, None, "reuse"),
            (409, None, "wait"),
            (429, None, "wait"),
            (500, None, "reuse"),
            (504, Some("later_code"), "reuse"),
            (503, Some("unavailable"), "wait"),
            (409, Some("in_progress"), "wait"),
            (409, Some("response_unavailable"), "reconcile"),
            (409, Some("outcome_unknown"), "reconcile"),
            (409, Some("stale"), "reuse"),
            (422, Some("idempotency_key_reused"), "rotate"),
            (400, Some("idempotency_key_invalid"), "rotate"),
            (413, Some("body_too_large"), "rotate"),
            (409, Some("replayed"), "rotate"),
            (401, Some("jwt_expired"), "reuse"),
        ];
        for (status, code, action) in expected {
            assert_eq!(next_action(status, code).as_str(), action, "{status} {code:?}");
        }
    }
}
