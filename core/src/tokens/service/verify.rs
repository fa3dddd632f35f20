//! Access tokens: verification against the local view, or the store; and the confirmation that a client has its latest pair.

use std::sync::PoisonError;

use super::end::family_of;
use super::refresh::load_family;
use super::{Ground, TRIES, TokenService};
use crate::error::{Error, Result, TokenError};
use crate::event::Context;
use crate::store::{Expect, Swapped};
use crate::tokens::epoch::{Epochs, Level};
use crate::tokens::session::{Session, Status};
use crate::tokens::types::Claims;

impl TokenService {
    pub(crate) fn verify(&self, access: &str, issuer: &str) -> Result<Claims> {
        self.host.ensure_open()?;
        let claims = self.access.verify(access, issuer, self.host.clock.now())?;
        if issuer == "own" { self.against_view(claims) } else { Ok(claims) }
    }

    /// As `verify` of an own token, but a key-bound one needs no proof.
    pub(super) fn verify_unproved(&self, access: &str) -> Result<Claims> {
        let claims = self.access.verify_unproved(access, self.host.clock.now())?;
        self.against_view(claims)
    }

    /// Without a store there is no view, and nothing is revoked.
    fn against_view(&self, mut claims: Claims) -> Result<Claims> {
        if self.store.is_none() {
            return Ok(claims);
        }
        let age = self.view.age()?;
        let family_id = family_of(&claims.session_id).ok_or(TokenError::ClaimType)?;
        let versions = claims.token_version.ok_or(TokenError::ClaimMissing)?;
        if self.view.denies(&family_id, versions, &claims.tenant, &claims.subject) {
            return Err(TokenError::Revoked.into());
        }
        claims.view_age = Some(age);
        Ok(claims)
    }

    pub(crate) async fn verify_fresh(&self, access: &str) -> Result<Claims> {
        let ground = self.ground()?;
        // Refused without a question where the token itself is wrong.
        self.access.verify(access, "own", self.host.clock.now())?;
        self.view.refresh(ground.store).await?;
        let claims = self.verify(access, "own")?;
        let family_id = family_of(&claims.session_id).ok_or(TokenError::ClaimType)?;
        let family = load_family(&ground, &family_id).await?;
        let ended = family.found.is_some_and(|(row, _)| row.status != Status::Active);
        let min = family.epochs.min_version(&Level::subject(&claims.tenant, &claims.subject));
        if ended || claims.token_version.is_some_and(|[subject, ..]| subject < min) {
            return Err(TokenError::Revoked.into());
        }
        Ok(claims)
    }

    pub(crate) async fn confirm(&self, access: &str) -> Result<()> {
        let ground = self.ground()?;
        let claims = self.verify_unproved(access)?;
        let family_id = family_of(&claims.session_id).ok_or(TokenError::ClaimType)?;
        let generation = claims.generation.ok_or(TokenError::ClaimMissing)?;
        let known = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).get(&family_id).copied();
        if known.is_some_and(|known| known >= generation) {
            return Ok(());
        }
        let family = load_family(&ground, &family_id).await?;
        let (mut now, mut found) = (family.now, family.found);
        for _ in 0..TRIES {
            let (row, version) = found.ok_or(Error::SessionNotFound)?;
            let news = row.confirmed_generation < generation && generation <= row.generation;
            if row.status != Status::Active || !news {
                return Ok(());
            }
            let mut next = row;
            next.confirmed_generation = generation;
            next.confirmed_at = now;
            match self.put_session(ground.store, &next, Expect::Version(version), now).await? {
                (_, Swapped::Written(_)) => {
                    self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).put(family_id, generation);
                    self.emit("token_confirm", now, "confirmed", Some(&next.login), &Context::default(), Vec::new());
                    return Ok(());
                }
                (later, Swapped::Conflict(record)) => {
                    now = later;
                    found = super::read_session(record.as_ref())?;
                }
            }
        }
        Err(Error::unavailable("the store"))
    }

    /// The least versions that live, without restoring anything.
    pub(super) async fn min_versions_of(&self, ground: &Ground<'_>, row: &Session, epochs: &Epochs) -> Result<[u64; 3]> {
        Ok([
            epochs.min_version(&Level::Subject(row.login.owner())),
            self.view.epoch(Level::tenant(&row.login.tenant), ground.store).await?,
            self.view.epoch(Level::Installation, ground.store).await?,
        ])
    }
}
