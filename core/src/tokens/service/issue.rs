//! Logins.

use super::{TRIES, TokenService, check_name, check_subject};
use crate::encode;
use crate::entropy::draw;
use crate::error::{Error, Result};
use crate::json;
use crate::store::{Expect, Swapped};
use crate::time::Timestamp;
use crate::tokens::access::AccessClaims;
use crate::tokens::epoch::{self, Level};
use crate::tokens::policy::{ClientKind, ClientPolicy};
use crate::tokens::refresh::decide::access_times;
use crate::tokens::refresh::token::{Prefix, RefreshToken};
use crate::tokens::session::{Live, Login, Session, Status, Use, family_id, owner};
use crate::tokens::types::{self, Outcome, TokenPair};

/// The claims that are ours to write.
const OWN_CLAIMS: [&str; 17] =
    ["iss", "sub", "aud", "client_id", "iat", "exp", "jti", "sid", "gen", "tv", "tenant", "roles", "scope", "cnf", "auth_time", "amr", "nbf"];

impl TokenService {
    pub(crate) async fn issue(&self, login: types::Login) -> Result<TokenPair> {
        let ground = self.ground()?;
        let client = self.check_login(&login)?.clone();
        let claims = login.claims.as_deref().map(canonical_claims).transpose()?.unwrap_or_default();

        let owner = owner(&login.tenant, &login.subject);
        let mut random = draw::<8>(&*self.host.entropy)?;
        let secret = zeroize::Zeroizing::new(draw::<32>(&*self.host.entropy)?);
        let jwt_id = draw::<16>(&*self.host.entropy)?;

        // From the store, not the view: a login after a bump must have its version.
        let (subject, tenant) = (Level::Subject(owner), Level::tenant(&login.tenant));
        let (subject_version, _) = epoch::load(ground.store, &subject).await?;
        let (tenant_version, _) = epoch::load(ground.store, &tenant).await?;
        let (installation_version, mut now) = epoch::load(ground.store, &Level::Installation).await?;
        self.view.note_epoch(tenant, tenant_version);
        self.view.note_epoch(Level::Installation, installation_version);
        let token_version = [subject_version, tenant_version, installation_version];

        let ip = login.context.ip.clone();
        let used = Use { at: now, ip: ip.clone(), user_agent: login.context.user_agent.clone() };
        let context = login.context.clone();
        let mut session = Session {
            login: Login {
                family_id: family_id(&owner, random),
                prefix: if client.kind == ClientKind::Device { Prefix::Device } else { Prefix::User },
                tenant: login.tenant,
                subject: login.subject,
                client_id: login.client,
                scope: login.scope,
                roles: login.roles,
                claims,
                device: login.device,
                created_at: now,
                abs_expires_at: now.plus(client.absolute),
                idle: crate::time::micros(client.idle),
                token_version,
                cnf_jkt: None,
                auth_time: login.auth_time,
                amr: login.amr,
            },
            kid: ground.keys.active(),
            generation: 0,
            live: None,
            rotated_at: now,
            confirmed_generation: 0,
            confirmed_at: now,
            status: Status::Active,
            status_at: now,
            status_reason: None,
            ip_first: ip,
            uses: [used.clone(), used],
        };
        for _ in 0..TRIES {
            let token = RefreshToken {
                prefix: session.login.prefix,
                kid: session.kid,
                family_id: session.login.family_id,
                generation: 0,
                secret: secret.clone(),
            };
            let no_key = || Error::Internal("the active root key is not held");
            let hash = ground.keys.hash(token.kid, &session.login, 0, &token.secret).ok_or_else(no_key)?;
            session.live = Some(Live { hash, previous: None });
            // Signed before the swap: after it nothing can fail.
            let pair = self.pair(&session, 0, Some(ground.keys.text(&token).ok_or_else(no_key)?), jwt_id, now, Outcome::Issued)?;
            match self.put_session(ground.store, &session, Expect::Absent, now).await? {
                (_, Swapped::Written(_)) => {
                    self.emit("token_issue", now, Outcome::Issued.as_str(), Some(&session.login), &context, Vec::new());
                    return Ok(pair);
                }
                (later, Swapped::Conflict(found)) => {
                    // A family of this id exists, or the decision came too late.
                    if found.is_some() {
                        random = draw::<8>(&*self.host.entropy)?;
                        session.login.family_id = family_id(&owner, random);
                    }
                    now = later;
                    move_login(&mut session, now, &client);
                }
            }
        }
        Err(Error::unavailable("the store"))
    }

    /// Refuses a login before anything is drawn.
    fn check_login(&self, login: &types::Login) -> Result<&ClientPolicy> {
        check_subject(&login.tenant, &login.subject)?;
        let client = self.client("client", &login.client)?;
        if login.dpop_jkt.is_some() {
            return Err(Error::invalid_argument("dpop_jkt", "leave it out: this version does not bind sessions to keys"));
        }
        if let Some(device) = &login.device {
            if device.id.is_empty() {
                return Err(Error::invalid_argument("device", "give the device an id"));
            }
            for text in [&device.id, &device.kind, &device.name, &device.platform, &device.app_version] {
                check_name("device", text)?;
            }
        }
        Ok(client)
    }

    /// A client that the policy names.
    pub(super) fn client(&self, argument: &'static str, id: &str) -> Result<&ClientPolicy> {
        check_name(argument, id)?;
        let named = self.policy.clients.iter().find(|client| client.id == id);
        named.ok_or_else(|| Error::invalid_argument(argument, "name a client of the policy document"))
    }

    /// The answer: signs the access token of this generation of a session.
    pub(super) fn pair(
        &self,
        session: &Session,
        generation: u32,
        refresh_token: Option<String>,
        jwt_id: [u8; 16],
        now: Timestamp,
        outcome: Outcome,
    ) -> Result<TokenPair> {
        let login = &session.login;
        let (issued_at, expires_at) =
            access_times(session, now, self.policy.access_ttl).ok_or(Error::Internal("a session without a second left was let through"))?;
        let claims = AccessClaims {
            subject: &login.subject,
            client_id: &login.client_id,
            issued_at,
            expires_at,
            jwt_id,
            session_id: &login.family_id,
            generation,
            token_version: login.token_version,
            tenant: &login.tenant,
            roles: &login.roles,
            scope: &login.scope,
            confirmation: None,
            auth_time: login.auth_time.map(Timestamp::as_secs),
            amr: &login.amr,
            extra: &login.claims,
        };
        Ok(TokenPair {
            access_token: self.access.sign(&claims, now)?,
            refresh_token,
            token_type: "bearer",
            expires_in: u64::try_from(expires_at - issued_at).unwrap_or(0),
            session_id: encode::base64url(&login.family_id),
            outcome,
            server_time_ms: now.as_millis(),
        })
    }
}

/// The login happens at another instant after all.
fn move_login(session: &mut Session, now: Timestamp, client: &ClientPolicy) {
    session.login.created_at = now;
    session.login.abs_expires_at = now.plus(client.absolute);
    session.rotated_at = now;
    session.confirmed_at = now;
    session.status_at = now;
    session.uses.iter_mut().for_each(|used| used.at = now);
}

/// The claims of a login as they are recorded: RFC 8785.
fn canonical_claims(text: &str) -> Result<String> {
    const DEPTH: usize = 16;
    let refused = |mend| Error::invalid_argument("claims", mend);
    let node = json::read(text.as_bytes(), DEPTH).map_err(|_| refused("give a JSON object of unique names, at most 16 levels deep"))?;
    let json::Value::Object(members) = &node.value else { return Err(refused("give a JSON object")) };
    if members.iter().any(|member| OWN_CLAIMS.contains(&&*member.name)) {
        return Err(refused("leave out the claims that Gatewright writes itself, and nbf"));
    }
    Ok(json::canonical(&node))
}
