//! Ends of sessions: log-out, one, the others, all.

use super::refresh::{load_family, parse};
use super::{Ground, TRIES, TokenService, check_subject};
use crate::encode;
use crate::error::{Error, RefreshError, Result, RevokedReason};
use crate::event::Context;
use crate::store::{Expect, Swapped};
use crate::time::Timestamp;
use crate::tokens::epoch::{Denial, Level, denial_base};
use crate::tokens::refresh::token::{FamilyId, TOKEN_LEN};
use crate::tokens::session::{Session, Status};

const KIND: &str = "session_end";

impl TokenService {
    /// Log-out by a refresh token of any generation, or by an own access token.
    pub(crate) async fn revoke(&self, token: &str, context: &Context) -> Result<()> {
        let ground = self.ground()?;
        let family_id = match parse(token, &ground) {
            Ok(token) => token.family_id,
            Err(Error::Refresh(RefreshError::Malformed)) => match self.family_of_access(token)? {
                Some(family_id) => family_id,
                None => return Ok(()),
            },
            Err(error) => return Err(error),
        };
        self.end(&ground, &family_id, RevokedReason::LoggedOut, "log-out", context, |_| true).await?;
        Ok(())
    }

    /// The family of an access token that `verify` would accept, `cnf` aside; `None` for any other text.
    fn family_of_access(&self, token: &str) -> Result<Option<FamilyId>> {
        if token.len() == TOKEN_LEN && !token.contains('.') {
            return Ok(None);
        }
        match self.verify_unproved(token) {
            Ok(claims) => Ok(family_of(&claims.session_id)),
            Err(Error::Token(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn revoke_session(&self, tenant: &str, subject: &str, session_id: &str, context: &Context) -> Result<()> {
        let ground = self.ground()?;
        check_subject(tenant, subject)?;
        let family_id = family_of(session_id).ok_or(Error::SessionNotFound)?;
        let his = |row: &Session| row.login.tenant == tenant && row.login.subject == subject;
        match self.end(&ground, &family_id, RevokedReason::Admin, "revoked", context, his).await? {
            Ended::NotFound => Err(Error::SessionNotFound),
            Ended::Now | Ended::Before => Ok(()),
        }
    }

    pub(crate) async fn revoke_others(&self, tenant: &str, subject: &str, keep: &str, context: &Context) -> Result<u64> {
        let ground = self.ground()?;
        check_subject(tenant, subject)?;
        let keep = family_of(keep).ok_or(Error::SessionNotFound)?;
        let kept = load_family(&ground, &keep).await?;
        let row = kept.found.map(|(row, _)| row).filter(|row| row.login.tenant == tenant && row.login.subject == subject);
        let row = row.ok_or(Error::SessionNotFound)?;
        let min = self.min_versions_of(&ground, &row, &kept.epochs).await?;
        if !is_live(&row, kept.now) || row.login.token_version.iter().zip(min).any(|(version, min)| *version < min) {
            return Err(Error::SessionNotFound);
        }
        self.end_all(&ground, tenant, subject, context, Some(kept.now), |row| row.login.family_id != keep).await
    }

    pub(crate) async fn revoke_all(&self, tenant: &str, subject: &str, context: &Context) -> Result<u64> {
        let ground = self.ground()?;
        check_subject(tenant, subject)?;
        let level = Level::subject(tenant, subject);
        let version = self.bump(ground.store, level, "all sessions revoked", context, Some(tenant), Some(subject)).await?;
        // A login after the bump stays. Verifiers have been told by the bump.
        self.end_all(&ground, tenant, subject, context, None, |row| row.login.token_version.first().is_some_and(|own| *own < version)).await
    }

    /// Ends all live sessions of a subject that `which` names. With `told_again`, the store's time, verifiers are told again of
    /// those that are over: an earlier call may have stopped between a session and its denial, and this is its repetition.
    async fn end_all(
        &self,
        ground: &Ground<'_>,
        tenant: &str,
        subject: &str,
        context: &Context,
        told_again: Option<Timestamp>,
        which: impl Fn(&Session) -> bool,
    ) -> Result<u64> {
        let his = |row: &Session| row.login.tenant == tenant && row.login.subject == subject && which(row);
        let mut ended = 0;
        for (row, _) in self.sessions_of(ground.store, &crate::tokens::session::owner(tenant, subject)).await? {
            if row.status == Status::Active && his(&row) {
                let end = self.end(ground, &row.login.family_id, RevokedReason::Admin, "revoked", context, &his).await?;
                ended += u64::from(end == Ended::Now);
            } else if let Some(now) = told_again
                && his(&row)
                && !self.view.denies(&row.login.family_id, row.login.token_version, tenant, subject)
            {
                self.deny(ground.store, Denial::Family(row.login.family_id), denial_base(&row, row.status_at), now).await?;
            }
        }
        Ok(ended)
    }

    /// Ends one family, then tells verifiers. Of one that is over, verifiers are told again.
    async fn end(
        &self,
        ground: &Ground<'_>,
        family_id: &FamilyId,
        reason: RevokedReason,
        note: &str,
        context: &Context,
        which: impl Fn(&Session) -> bool,
    ) -> Result<Ended> {
        let family = load_family(ground, family_id).await?;
        let (mut now, mut found) = (family.now, family.found);
        for _ in 0..TRIES {
            let Some((row, version)) = found.filter(|(row, _)| which(row)) else { return Ok(Ended::NotFound) };
            if row.status != Status::Active {
                self.deny(ground.store, Denial::Family(*family_id), denial_base(&row, row.status_at), now).await?;
                return Ok(Ended::Before);
            }
            let next = row.ended(reason, now, note);
            match self.put_session(ground.store, &next, Expect::Version(version), now).await? {
                (_, Swapped::Written(_)) => {
                    self.deny(ground.store, Denial::Family(*family_id), denial_base(&next, now), now).await?;
                    self.emit(KIND, now, reason.as_str(), Some(&next.login), context, Vec::new());
                    return Ok(Ended::Now);
                }
                (later, Swapped::Conflict(record)) => {
                    now = later;
                    found = super::read_session(record.as_ref())?;
                }
            }
        }
        Err(Error::unavailable("the store"))
    }
}

#[derive(PartialEq, Eq)]
enum Ended {
    Now,
    Before,
    NotFound,
}

/// Neither over nor expired.
fn is_live(row: &Session, now: Timestamp) -> bool {
    row.status == Status::Active && now < row.login.abs_expires_at && now < row.idle_expires_at()
}

/// The family of a session id: base64url of 16 bytes.
pub(super) fn family_of(session_id: &str) -> Option<FamilyId> {
    encode::from_base64url(session_id.as_bytes())?.try_into().ok()
}
