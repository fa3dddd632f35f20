//! `root_keys`: the secrets that everything else is derived from.

use super::StorePolicy;
use super::reader::{Field, Table};
use super::secret_text::random;
use crate::keys::{KeyState, RootKey};
use crate::secret::SecretBytes;
use crate::store::StoreUrl;

pub(super) fn read(root: &Table<'_>) -> Vec<RootKey> {
    let mut ids = Vec::new();
    let mut states = States::default();
    let mut secrets: Vec<SecretBytes> = Vec::new();
    let keys = root.tables("root_keys", |key| {
        let id = key.integer("id", 1..=255).required("write its number, 1 to 255, which no other has had").and_then(|id| u8::try_from(id).ok());
        let state = states.read(key);
        let secret = key.text("secret").required("write the secret, as \"${GW_ROOT_1}\"").and_then(|text| random(key, "secret", text));
        if let Some(id) = id {
            if ids.contains(&id) {
                key.problem("id", "write another number: this one is already taken above");
            } else {
                ids.push(id);
            }
        }
        if let Some(secret) = &secret
            && secrets.len() < 255
        {
            if secrets.iter().any(|before| before.expose() == secret.expose()) {
                key.problem("secret", "write another secret: a root above has the same, and two numbers of one root would be one key");
            }
            secrets.push(secret.clone());
        }
        Some(RootKey { id: id?, secret: secret?, state: state? })
    });
    states.ensure_one_active(keys)
}

/// Limits and lockouts in a store that others can read keep no subject as it is: without a root key they could keep none.
pub(super) fn ensure_given(root: &Table<'_>, store: Option<&StorePolicy>) {
    let Some(store) = store else { return };
    for (domain, url) in [("limits", &store.limits), ("lockout", &store.lockout)] {
        let is_shared = url.as_ref().is_some_and(|url| *url != StoreUrl::Memory);
        if is_shared && root.has(domain) && !root.has("root_keys") {
            let example = "[{ id = 1, secret = \"${GW_ROOT_1}\", state = \"active\" }]";
            return root
                .problem("root_keys", format!("write root_keys = {example}: [{domain}] keeps no subject as it is in a store that is not in memory"));
        }
    }
}

/// The states of a list of keys, of which exactly one is active.
#[derive(Default)]
pub(super) struct States {
    active: usize,
    unknown: bool,
}

impl States {
    /// The `state` of the next key.
    pub(super) fn read(&mut self, key: &Table<'_>) -> Option<KeyState> {
        let choices = [("next", KeyState::Next), ("active", KeyState::Active), ("retired", KeyState::Retired)];
        let state = key.choice("state", &choices).required("write its state: \"next\", \"active\" or \"retired\"");
        self.unknown |= state.is_none();
        if state == Some(KeyState::Active) {
            self.active += 1;
            if self.active > 1 {
                key.problem("state", "write \"next\" or \"retired\": another key is already active, and exactly one can be");
            }
        }
        state
    }

    /// The keys of the list; a list without an active one is reported.
    pub(super) fn ensure_one_active<T>(&self, keys: Field<'_, '_, Vec<T>>) -> Vec<T> {
        keys.check("give exactly one of these keys the state \"active\"", |_| self.active > 0 || self.unknown).or(Vec::new())
    }
}
