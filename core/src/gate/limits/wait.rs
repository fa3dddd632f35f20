//! Waiting for the turn that was reserved.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::gate::Inner;
use crate::limits::Permit;

/// Lets pass what is left of a permit's wait, or gives it back.
pub(super) async fn until_ready(gate: &Arc<Inner>, permit: &Permit) -> Result<()> {
    let mut turn = Turn { gate, permit, is_kept: false };
    while let Some(left) = permit.ready_after(gate.host.clock.monotonic()) {
        let time_passed = tokio::select! {
            biased;
            () = permit.given_back() => return Err(Error::invalid_argument("permit", "reserve anew: this one has been given back")),
            time_passed = gate.host.background.pause(left) => time_passed,
        };
        if !time_passed {
            gate.host.ensure_open()?;
            if gate.ground.time_passes {
                return Err(Error::unavailable("the thread that waits"));
            }
            // A clock that stands still: there is nothing to wait for.
            break;
        }
    }
    turn.is_kept = true;
    Ok(())
}

/// A turn that is being waited for. Dropped before it has come, it is given back.
struct Turn<'a> {
    gate: &'a Arc<Inner>,
    permit: &'a Permit,
    is_kept: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let Some(permit) = self.permit.hand_over() else { return };
        let gate = Arc::clone(self.gate);
        self.gate.host.background.start(async move {
            if let Some(limits) = &gate.limits {
                // Nobody is there to be told; what could not be given back comes back with time.
                let _ = limits.refund(&permit, permit.cost()).await;
            }
        });
    }
}
