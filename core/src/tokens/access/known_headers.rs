//! Headers that are known letter by letter: what reading one would say is known, and its MAC is begun. Our own tokens have
//! one for each key, and other issuers' libraries write their few members in one of a few orders.

use hashbrown::HashMap;

use crate::encode::base64url;
use crate::json::write_text;
use crate::keys::HmacSha256;
use crate::tokens::key::{KeyMaterial, Message};

/// The header of a token, encoded, with its dot.
pub(super) fn encoded(members: &[(&str, &str)]) -> String {
    let mut json = String::from("{");
    for (name, value) in members {
        if json.len() > 1 {
            json.push(',');
        }
        write_text(&mut json, name);
        json.push(':');
        write_text(&mut json, value);
    }
    json.push('}');
    base64url(json.as_bytes()) + "."
}

/// The members of our own header, in their order.
pub(super) const fn own<'a>(kid: &'a str, key: &KeyMaterial) -> [(&'static str, &'a str); 3] {
    [("alg", key.algorithm().name()), ("typ", "at+jwt"), ("kid", kid)]
}

/// The headers that a profile knows.
#[derive(Default)]
pub(super) struct KnownHeaders(HashMap<String, KnownHeader>);

/// What a known header says: its key, and that `alg` and `typ` are right.
pub(super) struct KnownHeader {
    /// The key's place in its profile.
    pub(super) key: usize,
    /// The MAC's state after the header and its dot; none for signatures of another kind.
    state: Option<HmacSha256>,
}

impl KnownHeaders {
    /// Adds the header with these members in this order, under a key that accepts it.
    pub(super) fn add(&mut self, at: usize, key: &KeyMaterial, members: &[(&str, &str)]) {
        let text = encoded(members);
        let state = key.absorb(&text);
        let header = text.strip_suffix('.').unwrap_or_default().to_owned();
        self.0.entry(header).or_insert(KnownHeader { key: at, state });
    }

    /// Adds every order of a foreign header: `typ` and `kid` are left out where they are empty.
    pub(super) fn add_orders(&mut self, at: usize, key: &KeyMaterial, typ: &str, kid: &str) {
        let [alg, typ, kid] = [("alg", key.algorithm().name()), ("typ", typ), ("kid", kid)];
        for order in [[alg, typ, kid], [alg, kid, typ], [typ, alg, kid], [typ, kid, alg], [kid, alg, typ], [kid, typ, alg]] {
            let members: Vec<_> = order.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            self.add(at, key, &members);
        }
    }

    pub(super) fn find(&self, header: &str) -> Option<&KnownHeader> {
        self.0.get(header)
    }
}

impl KnownHeader {
    /// What was signed in a token that has this header.
    pub(super) const fn message<'a>(&'a self, signed: &'a str, payload: &'a str) -> Message<'a> {
        Message::continued(signed, self.state.as_ref(), payload)
    }
}
