//! An issuer and a key belong to exactly one profile: else our own tokens could be verified under another issuer's relaxed
//! rules, or another issuer could make ours.

use std::collections::{HashMap, HashSet};

use crate::config::reader::Table;
use crate::tokens::key::KeyMaterial;

/// What belongs to whom, as far as it has been read. The profile 0 is our own.
#[derive(Default)]
pub(super) struct Profiles {
    own_issuer: String,
    issuers: HashSet<String>,
    keys: HashMap<[u8; 32], usize>,
}

impl Profiles {
    pub(super) fn see_own_issuer(&mut self, issuer: &str) {
        issuer.clone_into(&mut self.own_issuer);
    }

    /// The `issuer` of another profile than ours.
    pub(super) fn see_issuer(&mut self, profile: &Table<'_>, issuer: &str) {
        if issuer == self.own_issuer {
            profile.problem("issuer", "write the issuer of somebody else: this is your own, whose tokens are verified under their own rules");
        } else if !self.issuers.insert(issuer.to_owned()) {
            profile.problem("issuer", "write another issuer, or put both into one profile: a profile above has this one");
        }
    }

    /// A key of a profile, which `member` holds.
    pub(super) fn see_key(&mut self, key: &Table<'_>, member: &str, profile: usize, material: &KeyMaterial) {
        let owner = *self.keys.entry(material.identity()).or_insert(profile);
        if owner != profile {
            let whose = if owner == 0 { "it is one of your own signing keys" } else { "another issuer has it" };
            key.problem(member, format!("write a key that belongs to this issuer alone: {whose}"));
        }
    }
}
