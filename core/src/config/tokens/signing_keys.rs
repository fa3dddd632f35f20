//! `tokens.signing_keys`: our own keys, of which exactly one signs.

use std::time::Duration;

use super::profiles::Profiles;
use super::{keys, max_ttl};
use crate::config::reader::{Table, Unique};
use crate::config::root_keys::States;
use crate::keys::KeyState;
use crate::tokens::policy::SigningKeyPolicy;

pub(super) fn read(tokens: &Table<'_>, access_ttl: Duration, profiles: &mut Profiles) -> Vec<SigningKeyPolicy> {
    let mut kids = Unique::default();
    let mut states = States::default();
    let keys = tokens.tables("signing_keys", |key| {
        let kid = key.text("kid").check("write 1 to 128 characters of 0x21-0x7E: no spaces, ASCII only", |kid| is_kid(kid));
        let kid = kid.required("write the kid, the name of the key in token headers");
        if let Some(kid) = kid {
            kids.see(key, "kid", kid);
        }
        let material = keys::read(key, &["secret", "private_key", "public_key"]);
        let state = states.read(key);
        let (not_before, not_after) = key.term();
        let max_ttl = max_ttl(key).or(access_ttl);
        let (material, member) = material?;
        profiles.see_key(key, member, OWN, &material);
        if state == Some(KeyState::Active) && !material.can_sign() {
            key.problem("state", "write \"next\" or \"retired\", or give the private_key: the active key signs, and a public_key cannot");
        }
        Some(SigningKeyPolicy { kid: kid?.to_owned(), key: material, state: state?, not_before, not_after, max_ttl })
    });
    states.ensure_one_active(keys)
}

/// A name that a token header can have.
pub(super) fn is_kid(kid: &str) -> bool {
    (1..=128).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic())
}

const OWN: usize = 0;
