//! `tokens.issuers`: other people's tokens, and what may be relaxed for them.

use std::time::Duration;

use super::profiles::Profiles;
use super::signing_keys::is_kid;
use super::{keys, leeway, max_ttl};
use crate::config::reader::{Table, Unique};
use crate::tokens::policy::{IssuerKeyPolicy, IssuerPolicy};

pub(super) fn read(tokens: &Table<'_>, own_leeway: Duration, profiles: &mut Profiles) -> Vec<IssuerPolicy> {
    let mut ids = Unique::default();
    let mut profile = 0;
    let issuers = tokens.tables("issuers", |issuer| {
        profile += 1;
        read_issuer(issuer, own_leeway, &mut ids, (profiles, profile))
    });
    issuers.or(Vec::new())
}

fn read_issuer(table: &Table<'_>, own_leeway: Duration, ids: &mut Unique, profile: (&mut Profiles, usize)) -> Option<IssuerPolicy> {
    let (profiles, number) = profile;
    let id = table.name("id").check("write another name: own is the profile of your own tokens", |id| *id != "own");
    let id = id.required("write the name that calls of verify give as the issuer");
    if let Some(id) = id {
        ids.see(table, "id", id);
    }
    let issuer = table.text("issuer").check("write an issuer that is not empty", |issuer| !issuer.is_empty());
    let issuer = issuer.required("write the issuer, exactly as it stands in iss");
    if let Some(issuer) = issuer {
        profiles.see_issuer(table, issuer);
    }
    let audience = table.names("audience").required("write a list of audiences, as [\"api\"]");
    let typ = table.texts("typ").check("write at least one typ, as [\"JWT\", \"\"] (\"\" accepts an absent one)", |typ| !typ.is_empty());
    let claims = table.table("claims", claims).or(Claims::default());
    let policy = IssuerPolicy {
        id: id.unwrap_or_default().to_owned(),
        issuer: issuer.unwrap_or_default().to_owned(),
        audience: audience.unwrap_or_default(),
        typ: typ.or(vec!["at+jwt".to_owned()]),
        required: required(table),
        tenant_claim: claims.tenant,
        roles_claim: claims.roles,
        session_claim: claims.session,
        leeway: leeway(table).or(own_leeway),
        fractional_times: table.bool("fractional_times").or(false),
        max_ttl: max_ttl(table).or(Duration::from_secs(24 * 3600)),
        keys: read_keys(table, profiles, number),
    };
    Some(policy)
}

/// The names of claims that mean more than their name says.
#[derive(Default)]
struct Claims {
    tenant: Option<String>,
    roles: Option<String>,
    session: Option<String>,
}

fn claims(claims: &Table<'_>) -> Claims {
    let claim = |name| claims.name(name).optional().map(str::to_owned);
    Claims { tenant: claim("tenant"), roles: claim("roles"), session: claim("session") }
}

/// What the profile of RFC 9068 asks for, unless the list relaxes it. `iss`, `aud` and `exp` are always required.
fn required(table: &Table<'_>) -> Vec<String> {
    let strict = || ["sub", "iat", "jti", "client_id"].map(str::to_owned).to_vec();
    let given = table.list("required", |item| {
        let text = item.text()?;
        if text.is_empty() {
            item.problem("write the name of a claim, or leave this element out");
        }
        Some(text.to_owned())
    });
    given.optional().unwrap_or_else(strict)
}

/// `keys`, or `jwks_uri` in their place.
fn read_keys(table: &Table<'_>, profiles: &mut Profiles, profile: usize) -> Vec<IssuerKeyPolicy> {
    // Fetched keys come with a later version; that they are wanted can be said already.
    let is_https = |uri: &&str| uri.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && is_url_text(rest));
    table.text("jwks_uri").check("write the address of a key set, beginning with https://", is_https).optional();
    let mut kids = Unique::default();
    let mut given = 0;
    let keys = table.tables("keys", |key| {
        given += 1;
        let is_kid = |kid: &&str| kid.is_empty() || is_kid(kid);
        let kid = key.text("kid").check("write up to 128 characters of 0x21-0x7E: no spaces, ASCII only", is_kid);
        let kid = kid.required("write the kid as the tokens have it, \"\" for tokens without one");
        if let Some(kid) = kid {
            kids.see(key, "kid", kid);
        }
        let material = keys::read(key, &["secret", "public_key"]);
        let (not_before, not_after) = key.term();
        let (material, member) = material?;
        profiles.see_key(key, member, profile, &material);
        Some(IssuerKeyPolicy { kid: kid?.to_owned(), key: material, not_before, not_after })
    });
    if table.has("jwks_uri") && table.has("keys") {
        table.problem("jwks_uri", "leave this out, or keys: an issuer's keys come from one place");
    }
    if table.has("jwks_uri") {
        return keys.or(Vec::new());
    }
    let keys = keys.check("give at least one key: without one no token can be verified", |_| given > 0);
    keys.required("write the issuer's keys, as [{ kid = \"\", alg = \"HS256\", secret = \"${SECRET}\" }]").unwrap_or_default()
}

fn is_url_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'#'))
}
