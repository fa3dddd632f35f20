//! Waiting for the turn that was reserved.

use std::sync::Arc;

use crate::error::Result;
use crate::gate::Inner;
use crate::limits::Permit;

/// Lets pass what is left of a permit's wait, or gives it back.
pub(super) async fn until_ready(gate: &Arc<Inner>, permit: &Permit) -> Result<()> {
    let mut turn = Turn { gate, permit, is_kept: false };
    while let Some(left) = permit.ready_after(gate.host.clock.monotonic()) {
        if !gate.host.background.pause(left).await {
            gate.host.ensure_open()?;
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
        self.gate.host.background.leave(async move {
            if let Some(limits) = &gate.limits {
                // Nobody is there to be told; what could not be given back comes back with time.
                let _ = limits.refund(&permit, permit.cost()).await;
            }
        });
    }
}
