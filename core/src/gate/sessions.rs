//! Calls on sessions.

use std::sync::Arc;

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;

/// The calls on sessions: `gate.sessions()`.
///
/// Beside the errors of each call: `closed`, `unavailable` (call again), `invalid_argument` for an empty subject or a name of
/// more than 255 bytes, and `config_invalid` where the policy lacks what the call needs.
#[derive(Clone, Copy)]
pub struct Sessions<'a> {
    pub(super) gate: &'a Arc<Inner>,
}

impl Sessions<'_> {
    /// Ends one session of a subject. One that is over already is answered well.
    ///
    /// # Errors
    /// `session_not_found` for another's session or none.
    pub async fn revoke(&self, tenant: &str, subject: &str, session_id: &str, context: Context) -> Result<()> {
        self.gate.tokens()?.revoke_session(tenant, subject, session_id, &context).await
    }

    /// Ends all sessions of a subject but one; says how many.
    ///
    /// # Errors
    /// `session_not_found` where `keep` is not a live session of this subject; nothing is ended then.
    pub async fn revoke_others(&self, tenant: &str, subject: &str, keep: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.revoke_others(tenant, subject, keep, &context).await
    }

    /// Ends all sessions of a subject by raising his epoch, which no row can escape, and then row by row; says how many
    /// rows. A login that comes after stays.
    ///
    /// # Errors
    /// None of its own.
    pub async fn revoke_all(&self, tenant: &str, subject: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.revoke_all(tenant, subject, &context).await
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::sync::Arc;

    use crate::event::Context;
    use crate::gate::Gate;
    use crate::store::{Expect, Key, Kind, Next, Swap};
    use crate::testing::ManualClock;
    use crate::time::Timestamp;
    use crate::tokens::Login;

    const POLICY: &str = r#"{"version": 1, "store": {"default": "memory:"},
        "root_keys": [{"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}],
        "tokens": {"issuer": "https://auth.example", "audience": ["api"], "clients": [{"id": "web", "kind": "browser"}],
            "signing_keys": [{"kid": "k1", "alg": "HS256", "secret": "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=", "state": "active"}]}}"#;

    #[tokio::test]
    async fn a_repeated_revocation_makes_up_for_a_denial_that_was_not_written() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_795_248_000_000_000)));
        let gate = Gate::builder().clock(clock).from_policy(POLICY).await.unwrap();
        let kept = gate.tokens().issue(Login::new("acme", "u-42", "web")).await.unwrap();
        let other = gate.tokens().issue(Login::new("acme", "u-42", "web")).await.unwrap();
        let revoke_others = async || gate.sessions().revoke_others("acme", "u-42", &kept.session_id, Context::default()).await.unwrap();
        assert_eq!(revoke_others().await, 1);
        // As if the call had stopped after the session's record.
        let (_, store) = gate.inner.stores.first().unwrap();
        for record in store.list(Kind::Deny, None, None, 10).await.unwrap().records {
            let key = Key::new(Kind::Deny, record.key.id()).unwrap();
            let swap =
                Swap { key, expect: Expect::Version(record.version), next: Next::Remove, decided_at: Timestamp::from_micros(1_795_248_000_000_000) };
            store.swap(swap).await.unwrap();
        }
        gate.refresh_view().await.unwrap();
        gate.refresh_view().await.unwrap();
        assert!(gate.tokens().verify(&other.access_token).is_ok());
        assert_eq!(revoke_others().await, 0);
        assert_eq!(gate.tokens().verify(&other.access_token).unwrap_err().code(), "jwt_revoked");
    }
}
