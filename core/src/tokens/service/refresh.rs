//! Refreshes: parse, load, decide, swap; and again on what a lost swap found.

use super::{Details, Ground, TRIES, TokenService, check_name, read_session};
use crate::entropy::draw;
use crate::error::{Error, RefreshError, Result};
use crate::event::Context;
use crate::store::{Expect, Key, Record, Swapped};
use crate::time::Timestamp;
use crate::tokens::epoch::{Denial, Epochs, Level, denial_base, key_beside};
use crate::tokens::refresh::decide::{Decision, Moment, Presented, decide};
use crate::tokens::refresh::token::RefreshToken;
use crate::tokens::session::{Session, Status, session_key};
use crate::tokens::types::{Outcome, Refresh, TokenPair};

const KIND: &str = "token_refresh";

/// A family as it was loaded, with the epoch beside it.
pub(super) struct Family {
    pub(super) now: Timestamp,
    pub(super) found: Option<(Session, u64)>,
    pub(super) epochs: Epochs,
}

/// What came of one decision.
enum Step {
    Done(TokenPair),
    /// Another call wrote first: decide on this.
    Again(Box<Family>),
}

/// What stands in the store after a lost swap.
struct Lost {
    now: Timestamp,
    record: Option<Record>,
}

impl Lost {
    fn again(self, epochs: Epochs) -> Result<Step> {
        Ok(Step::Again(Box::new(Family { now: self.now, found: read_session(self.record.as_ref())?, epochs })))
    }
}

impl TokenService {
    pub(crate) async fn refresh(&self, token: &str, refresh: &Refresh) -> Result<TokenPair> {
        self.refresh_as(token, refresh, false).await
    }

    pub(crate) async fn refresh_access_only(&self, token: &str, refresh: &Refresh) -> Result<TokenPair> {
        self.refresh_as(token, refresh, true).await
    }

    async fn refresh_as(&self, text: &str, refresh: &Refresh, access_only: bool) -> Result<TokenPair> {
        let ground = self.ground()?;
        self.check_refresh(refresh)?;
        let token = match parse(text, &ground) {
            Err(error) => {
                self.emit(KIND, self.host.clock.now(), error.code(), None, &refresh.context, Vec::new());
                return Err(error);
            }
            Ok(token) => token,
        };
        let nonce = draw::<32>(&*self.host.entropy)?;
        let jwt_id = draw::<16>(&*self.host.entropy)?;
        let mut presented = Presented {
            token: &token,
            retry_key: refresh.retry_key.as_deref(),
            client: refresh.client.as_deref(),
            tenant: refresh.tenant.as_deref(),
            device_id: refresh.device_id.as_deref(),
            access_only,
            was_current: false,
            nonce,
            used_from: (refresh.context.ip.as_deref(), refresh.context.user_agent.as_deref()),
        };
        let mut family = load_family(&ground, &token.family_id).await?;
        for _ in 0..TRIES {
            match self.try_once(&ground, &mut presented, family, jwt_id, &refresh.context).await? {
                Step::Done(pair) => return Ok(pair),
                Step::Again(winner) => family = *winner,
            }
        }
        Err(Error::unavailable("the store"))
    }

    /// Decides on what was loaded, and carries it out unless somebody else was faster.
    async fn try_once(
        &self,
        ground: &Ground<'_>,
        presented: &mut Presented<'_>,
        family: Family,
        jwt_id: [u8; 16],
        context: &Context,
    ) -> Result<Step> {
        let Family { now, found, epochs } = family;
        let Some((row, version)) = found else {
            self.emit(KIND, now, RefreshError::Unknown.code(), None, context, Vec::new());
            return Err(RefreshError::Unknown.into());
        };
        let moment = Moment { now, min_version: self.min_versions(ground, &row, &epochs).await? };
        let decision = decide(&row, presented, &moment, &self.policy, ground.keys);
        // Only now is it known that nobody has edited the versions in the row: the hash of a token that is not ahead binds them.
        let succeeds = matches!(decision, Decision::Rotate { .. } | Decision::Retry { .. } | Decision::AccessOnly);
        if succeeds && presented.token.generation <= row.generation && row.login.is_above(&moment.min_version) {
            self.restore_epochs(ground.store, &row.login, moment.min_version, now).await?;
        }
        match decision {
            Decision::Rotate { next, successor } => {
                presented.was_current = true;
                // Signed before the swap: after it nothing can fail but its own durability.
                let pair = self.give(&next, &successor, jwt_id, now, Outcome::Rotated, ground)?;
                if let Some(winner) = self.swap_settled(ground, &next, version, now).await? {
                    return winner.again(epochs);
                }
                self.observe(&row, presented, now, Outcome::Rotated.as_str(), context, Vec::new());
                Ok(Step::Done(pair))
            }
            Decision::Retry { successor, lost, other_key } => {
                let outcome = if lost { Outcome::RetryLost } else { Outcome::RetryConcurrent };
                let pair = self.give(&row, &successor, jwt_id, now, outcome, ground)?;
                let risk = if other_key { vec![("risk", "retry_without_its_key".to_owned())] } else { Vec::new() };
                self.observe(&row, presented, now, outcome.as_str(), context, risk);
                Ok(Step::Done(pair))
            }
            Decision::AccessOnly => {
                let pair = self.pair(&row, presented.token.generation, None, jwt_id, now, Outcome::AccessOnly)?;
                self.observe(&row, presented, now, Outcome::AccessOnly.as_str(), context, Vec::new());
                Ok(Step::Done(pair))
            }
            Decision::Unavailable => {
                self.observe(&row, presented, now, "unavailable", context, Vec::new());
                Err(Error::unavailable("this session"))
            }
            Decision::Refuse { error, next: None } => {
                if matches!(error, RefreshError::Revoked(_)) {
                    self.repeat_denial(ground, &row, &epochs, now).await?;
                }
                self.observe(&row, presented, now, error.code(), context, Vec::new());
                Err(error.into())
            }
            Decision::Refuse { error, next: Some(next) } => {
                if let Some(winner) = self.swap_settled(ground, &next, version, now).await? {
                    return winner.again(epochs);
                }
                self.observe(&row, presented, now, error.code(), context, evidence(&row, presented, now));
                self.after_end(ground, &next, now).await?;
                Err(error.into())
            }
        }
    }

    /// Refuses what is wrong with a call, before the token is looked at.
    fn check_refresh(&self, refresh: &Refresh) -> Result<()> {
        if refresh.retry_key.as_ref().is_some_and(|key| key.len() != 16) {
            return Err(Error::invalid_argument("retry_key", "give exactly 16 random bytes"));
        }
        if refresh.dpop.is_some() {
            return Err(Error::invalid_argument("dpop", "leave it out: this version takes no DPoP proofs"));
        }
        if let Some(client) = &refresh.client {
            self.client("client", client)?;
        }
        check_name("tenant", refresh.tenant.as_deref().unwrap_or_default())?;
        check_name("device_id", refresh.device_id.as_deref().unwrap_or_default())
    }

    fn give(
        &self,
        row: &Session,
        token: &RefreshToken,
        jwt_id: [u8; 16],
        now: Timestamp,
        outcome: Outcome,
        ground: &Ground<'_>,
    ) -> Result<TokenPair> {
        let text = ground.keys.text(token).ok_or(Error::Internal("a root key that was held is gone"))?;
        self.pair(row, token.generation, Some(text), jwt_id, now, outcome)
    }

    /// The least versions that live. Where the family is above one of them, the local view may not have heard of a bump yet: the
    /// store is asked.
    async fn min_versions(&self, ground: &Ground<'_>, row: &Session, epochs: &Epochs) -> Result<[u64; 3]> {
        self.view.age()?;
        let mut min = self.min_versions_of(ground, row, epochs).await?;
        if row.login.is_above(&min) {
            for ((level, min), version) in Level::of(&row.login).iter().zip(&mut min).zip(row.login.token_version) {
                if version > *min {
                    *min = self.load_epoch(ground.store, level).await?;
                }
            }
        }
        Ok(min)
    }

    /// Writes a decision; gives what was found instead, if somebody else was faster. A swap whose reply is lost is settled
    /// by one load: our own record there, its nonce included, says that it was written.
    async fn swap_settled(&self, ground: &Ground<'_>, next: &Session, version: u64, now: Timestamp) -> Result<Option<Lost>> {
        match self.put_session(ground.store, next, Expect::Version(version), now).await {
            Ok((_, Swapped::Written(_))) => Ok(None),
            Ok((now, Swapped::Conflict(record))) => Ok(Some(Lost { now, record })),
            Err(unanswered @ Error::Unavailable { .. }) => {
                let family = load_family(ground, &next.login.family_id).await?;
                let written = family.found.is_some_and(|(row, _)| row == *next);
                if written { Ok(None) } else { Err(unanswered) }
            }
            Err(error) => Err(error),
        }
    }

    /// What follows when a family has been ended: verifiers are told, and a second theft within a day may end all.
    pub(super) async fn after_end(&self, ground: &Ground<'_>, row: &Session, now: Timestamp) -> Result<()> {
        if row.status != Status::Ended(crate::error::RevokedReason::Epoch) {
            self.deny(ground.store, Denial::Family(row.login.family_id), denial_base(row, now), now).await?;
        }
        self.escalate(ground, row).await
    }

    /// Row 4 and its like: what should have followed an end is done again while it matters.
    async fn repeat_denial(&self, ground: &Ground<'_>, row: &Session, epochs: &Epochs, now: Timestamp) -> Result<()> {
        let base = denial_base(row, row.status_at);
        let login = &row.login;
        let known = self.view.denies(&login.family_id, login.token_version, &login.tenant, &login.subject);
        if !known {
            self.deny(ground.store, Denial::Family(login.family_id), base, now).await?;
        }
        if epochs.min_version(&Level::Subject(login.owner())) <= login.subject_version() {
            self.escalate(ground, row).await?;
        }
        Ok(())
    }

    fn observe(&self, row: &Session, presented: &Presented<'_>, now: Timestamp, outcome: &'static str, context: &Context, mut details: Details) {
        details.push(("generation", presented.token.generation.to_string()));
        details.extend(risks(row, presented).map(|risk| ("risk", risk.to_owned())));
        self.emit(KIND, now, outcome, Some(&row.login), context, details);
    }
}

/// Row 1: a token of ours, or a refusal without any store access.
pub(super) fn parse(text: &str, ground: &Ground<'_>) -> Result<RefreshToken> {
    let (token, mac) = RefreshToken::parse(text).ok_or(RefreshError::Malformed)?;
    if !ground.keys.holds(token.kid) && token.kid > ground.keys.newest() {
        // From a newer root than this process has: a roll-out is under way, and it must log nobody out.
        return Err(Error::unavailable("the root key of this token"));
    }
    if ground.keys.is_ours(&token, &mac) { Ok(token) } else { Err(RefreshError::Malformed.into()) }
}

/// Loads a family and the epoch that stands beside it, in one round trip.
pub(super) async fn load_family(ground: &Ground<'_>, family_id: &[u8; 16]) -> Result<Family> {
    let keys: [Key; 2] = [session_key(family_id)?, key_beside(family_id)?];
    let loaded = ground.store.load(&keys).await?;
    let record = |at: usize| loaded.records.get(at).and_then(Option::as_ref);
    Ok(Family { now: loaded.now, found: read_session(record(0))?, epochs: Epochs::from_record(record(1))? })
}

/// What is told of a theft: both sides of it.
fn evidence(row: &Session, presented: &Presented<'_>, now: Timestamp) -> Details {
    let [_, last] = &row.uses;
    let mut details = vec![
        ("current_generation", row.generation.to_string()),
        ("age_ms", now.since(row.rotated_at).as_millis().to_string()),
        ("with_retry_key", presented.retry_key.is_some().to_string()),
    ];
    details.extend(last.ip.clone().map(|ip| ("last_ip", ip)));
    details.extend(last.user_agent.clone().map(|agent| ("last_user_agent", agent)));
    details
}

/// What differs from the last use. None of it fails a refresh: answers get lost just when a phone changes networks.
fn risks(row: &Session, presented: &Presented<'_>) -> impl Iterator<Item = &'static str> {
    let [_, last] = &row.uses;
    let (ip, user_agent) = presented.used_from;
    let differs = |old: &Option<String>, new: Option<&str>| old.is_some() && new.is_some() && old.as_deref() != new;
    let device = presented.device_id.is_some_and(|id| row.login.device.as_ref().is_none_or(|device| device.id != id));
    let found = [(device, "other_device"), (differs(&last.ip, ip), "other_ip"), (differs(&last.user_agent, user_agent), "other_user_agent")];
    found.into_iter().filter_map(|(differs, risk)| differs.then_some(risk))
}
