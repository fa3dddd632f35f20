//! Profiles: whose tokens they are, and what may be relaxed for them. Parsing never is.

use std::time::Duration;

use super::claims::{self, Issuer, RawClaims};
use super::is_in_force;
use super::known_headers::{self, KnownHeaders};
use super::times::{Limits, Micros, Times, time, timestamp};
use crate::encode::decode_base64url;
use crate::error::{Result, TokenError};
use crate::time::{Timestamp, micros};
use crate::tokens::jws::{Compact, Header, SignatureBuffer};
use crate::tokens::key::{KeyMaterial, Message};
use crate::tokens::policy::{IssuerKeyPolicy, IssuerPolicy, SigningKeyPolicy, TokensPolicy};
use crate::tokens::types::Claims;

/// How the tokens of one issuer are verified.
pub(super) struct Profile {
    issuer: String,
    audience: Vec<String>,
    leeway: Micros,
    keys: Vec<ProfileKey>,
    known_headers: KnownHeaders,
    foreign: Option<Foreign>,
}

/// What a foreign profile relaxes.
struct Foreign {
    /// Accepted types without their `application/`.
    typ: Vec<String>,
    typ_may_be_absent: bool,
    required: Vec<String>,
    tenant: Option<String>,
    roles: Option<String>,
    session: Option<String>,
    fractional_times: bool,
    max_ttl: Micros,
}

struct ProfileKey {
    /// Empty for tokens without `kid`.
    kid: String,
    key: KeyMaterial,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    /// For foreign tokens the profile's counts.
    max_ttl: Micros,
}

impl ProfileKey {
    fn own(policy: &SigningKeyPolicy) -> Self {
        Self {
            max_ttl: wide(policy.max_ttl),
            ..Self::foreign(&IssuerKeyPolicy {
                kid: policy.kid.clone(),
                key: policy.key.clone(),
                not_before: policy.not_before,
                not_after: policy.not_after,
            })
        }
    }

    fn foreign(policy: &IssuerKeyPolicy) -> Self {
        Self { kid: policy.kid.clone(), key: policy.key.clone(), not_before: policy.not_before, not_after: policy.not_after, max_ttl: 0 }
    }
}

impl Profile {
    /// The strict one.
    pub(super) fn own(policy: &TokensPolicy) -> Self {
        let mut known_headers = KnownHeaders::default();
        for (at, key) in policy.signing_keys.iter().enumerate() {
            known_headers.add(at, &key.key, &known_headers::own(&key.kid, &key.key));
        }
        Self {
            issuer: policy.issuer.clone(),
            audience: policy.audience.clone(),
            leeway: wide(policy.leeway),
            keys: policy.signing_keys.iter().map(ProfileKey::own).collect(),
            known_headers,
            foreign: None,
        }
    }

    pub(super) fn foreign(policy: &IssuerPolicy) -> Self {
        let mut known_headers = KnownHeaders::default();
        for (at, key) in policy.keys.iter().enumerate() {
            for typ in &policy.typ {
                known_headers.add_orders(at, &key.key, typ, &key.kid);
            }
        }
        Self {
            issuer: policy.issuer.clone(),
            audience: policy.audience.clone(),
            leeway: wide(policy.leeway),
            keys: policy.keys.iter().map(ProfileKey::foreign).collect(),
            known_headers,
            foreign: Some(Foreign {
                typ: policy.typ.iter().filter(|typ| !typ.is_empty()).map(|typ| without_application(typ).to_owned()).collect(),
                typ_may_be_absent: policy.typ.iter().any(String::is_empty),
                required: policy.required.clone(),
                tenant: policy.tenant_claim.clone(),
                roles: policy.roles_claim.clone(),
                session: policy.session_claim.clone(),
                fractional_times: policy.fractional_times,
                max_ttl: wide(policy.max_ttl),
            }),
        }
    }

    /// Everything but `dpop_missing` and revocation.
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Result<Claims> {
        let compact = Compact::split(token)?;
        let known = self.known_headers.find(compact.header);
        let key = match known.and_then(|known| self.keys.get(known.key)) {
            Some(key) => ensure_in_force(key, now)?,
            None => self.key_by_header(&compact, now)?,
        };
        let message = known.map_or_else(|| Message::new(compact.signed), |known| known.message(compact.signed, compact.payload));
        ensure_signed(key, &compact, &message)?;
        let payload = String::from_utf8(compact.payload_bytes()?).map_err(|_| TokenError::Malformed)?;
        match &self.foreign {
            None => self.own_claims(payload, key, now),
            Some(foreign) => self.foreign_claims(foreign, payload, now),
        }
    }

    fn key_by_header(&self, compact: &Compact<'_>, now: Timestamp) -> Result<&ProfileKey, TokenError> {
        let bytes = compact.header_bytes()?;
        let header = Header::read(&bytes)?;
        let kid = match (&header.kid, &self.foreign) {
            (Some(kid), _) => kid.as_ref(),
            (None, Some(_)) => "",
            (None, None) => return Err(TokenError::Header),
        };
        let key = self.keys.iter().find(|key| key.kid == kid).ok_or(TokenError::KeyUnknown)?;
        let key = ensure_in_force(key, now)?;
        if !key.key.algorithm().accepts(&header.alg) {
            return Err(TokenError::Algorithm);
        }
        if self.accepts_type(header.typ.as_deref()) { Ok(key) } else { Err(TokenError::Type) }
    }

    fn accepts_type(&self, typ: Option<&str>) -> bool {
        match (typ, &self.foreign) {
            (None, None) | (Some(""), _) => false,
            (None, Some(foreign)) => foreign.typ_may_be_absent,
            (Some(typ), None) => without_application(typ).eq_ignore_ascii_case("at+jwt"),
            (Some(typ), Some(foreign)) => foreign.typ.iter().any(|accepted| accepted.eq_ignore_ascii_case(without_application(typ))),
        }
    }

    fn own_claims(&self, payload: String, key: &ProfileKey, now: Timestamp) -> Result<Claims> {
        let mut raw = RawClaims::default();
        raw.read(&payload, Issuer::Own)?;
        let (Some(iss), Some(sub), Some(aud), Some(exp), Some(iat)) = (&raw.iss, &raw.sub, &raw.aud, &raw.exp, &raw.iat) else {
            return Err(TokenError::ClaimMissing.into());
        };
        let (Some(jti), Some(client_id), Some(sid), Some(generation), Some(tv)) = (&raw.jti, &raw.client_id, &raw.sid, &raw.generation, &raw.tv)
        else {
            return Err(TokenError::ClaimMissing.into());
        };
        let issuer = claims::text(iss)?;
        let times = Times {
            issued_at: Some(time(iat, false)?),
            not_before: raw.nbf.as_ref().map(|nbf| time(nbf, false)).transpose()?,
            expires_at: time(exp, false)?,
        };
        let session_id = claims::name(Some(sid))?;
        if !is_session_id(session_id) {
            return Err(TokenError::ClaimType.into());
        }
        let mut claims = Claims {
            issuer: issuer.to_owned(),
            subject: claims::name(Some(sub))?.to_owned(),
            audience: claims::text_or_texts(Some(aud))?,
            client_id: claims::name(Some(client_id))?.to_owned(),
            tenant: claims::name(raw.tenant.as_ref())?.to_owned(),
            roles: claims::texts(raw.roles.as_ref())?,
            scope: raw.scope.as_ref().map_or(Ok(""), claims::text)?.to_owned(),
            session_id: session_id.to_owned(),
            generation: Some(u32::try_from(claims::integer(generation)?).map_err(|_| TokenError::ClaimType)?),
            token_version: Some(claims::token_version(tv)?),
            issued_at: times.issued_at.map(timestamp),
            not_before: times.not_before.map(timestamp),
            expires_at: timestamp(times.expires_at),
            jwt_id: claims::name(Some(jti))?.to_owned(),
            confirmation: raw.cnf.as_ref().map(claims::confirmation).transpose()?.map(str::to_owned),
            auth_time: raw.auth_time.as_ref().map(|auth_time| time(auth_time, false)).transpose()?.map(timestamp),
            amr: claims::texts(raw.amr.as_ref())?,
            view_age: None,
            extra: raw.extra(&payload, &[]),
            payload: String::new(),
        };
        self.ensure_for_us(&claims, times, key.max_ttl, now)?;
        drop(raw);
        claims.payload = payload;
        Ok(claims)
    }

    fn foreign_claims(&self, foreign: &Foreign, payload: String, now: Timestamp) -> Result<Claims> {
        let mut raw = RawClaims::default();
        raw.read(&payload, Issuer::Foreign)?;
        let (Some(iss), Some(aud), Some(exp)) = (&raw.iss, &raw.aud, &raw.exp) else { return Err(TokenError::ClaimMissing.into()) };
        if foreign.required.iter().any(|name| raw.foreign(name).is_none()) {
            return Err(TokenError::ClaimMissing.into());
        }
        let named = [foreign.tenant.as_deref(), foreign.roles.as_deref(), foreign.session.as_deref()];
        let [tenant, roles, session] = named.map(|name| name.and_then(|name| raw.foreign(name)));
        let optional_time = |claim: &Option<_>| claim.as_ref().map(|claim| time(claim, foreign.fractional_times)).transpose();
        let times =
            Times { issued_at: optional_time(&raw.iat)?, not_before: optional_time(&raw.nbf)?, expires_at: time(exp, foreign.fractional_times)? };
        let mut claims = Claims {
            issuer: claims::text(iss)?.to_owned(),
            subject: claims::name(raw.sub.as_ref())?.to_owned(),
            audience: claims::text_or_texts(Some(aud))?,
            client_id: String::new(),
            tenant: claims::name(tenant)?.to_owned(),
            roles: claims::text_or_texts(roles)?,
            scope: String::new(),
            session_id: claims::name(session)?.to_owned(),
            generation: None,
            token_version: None,
            issued_at: times.issued_at.map(timestamp),
            not_before: times.not_before.map(timestamp),
            expires_at: timestamp(times.expires_at),
            jwt_id: claims::name(raw.jti.as_ref())?.to_owned(),
            confirmation: raw.cnf.as_ref().map(claims::confirmation).transpose()?.map(str::to_owned),
            auth_time: None,
            amr: Vec::new(),
            view_age: None,
            extra: raw.extra(&payload, &named),
            payload: String::new(),
        };
        self.ensure_for_us(&claims, times, foreign.max_ttl, now)?;
        drop(raw);
        claims.payload = payload;
        Ok(claims)
    }

    fn ensure_for_us(&self, claims: &Claims, times: Times, max_ttl: Micros, now: Timestamp) -> Result<(), TokenError> {
        if claims.issuer != self.issuer {
            return Err(TokenError::Issuer);
        }
        claims::ensure_audience(&claims.audience, &self.audience)?;
        times.check(Limits { leeway: self.leeway, max_ttl }, now)
    }
}

/// base64url of 16 bytes.
fn is_session_id(text: &str) -> bool {
    text.len() == 22 && decode_base64url(text.as_bytes(), &mut [0; 18]).is_some()
}

fn ensure_in_force(key: &ProfileKey, now: Timestamp) -> Result<&ProfileKey, TokenError> {
    if is_in_force(key.not_before, key.not_after, now) { Ok(key) } else { Err(TokenError::KeyUnknown) }
}

fn ensure_signed(key: &ProfileKey, compact: &Compact<'_>, message: &Message<'_>) -> Result<(), TokenError> {
    let mut buffer = SignatureBuffer::new();
    let signature = compact.signature_bytes(&mut buffer)?;
    if key.key.verifies(message, signature) { Ok(()) } else { Err(TokenError::Signature) }
}

/// `application/x` and `x` are one media type (RFC 7515 4.1.9).
fn without_application(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}

pub(super) fn wide(duration: Duration) -> Micros {
    Micros::from(micros(duration))
}
