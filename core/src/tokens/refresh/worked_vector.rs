//! The worked vector of the design, down to every intermediate value.

use hmac::Mac;
use zeroize::Zeroizing;

use crate::encode::{from_base64, from_hex, hex};
use crate::keys::{KeyState, Keyring, Purpose, RootKey};
use crate::secret::SecretBytes;
use crate::time::Timestamp;
use crate::tokens::refresh::ratchet::{RefreshKeys, retry_key_hash};
use crate::tokens::refresh::token::{Prefix, RefreshToken};
use crate::tokens::session::{Login, family_id, owner};

const DAY: i64 = 86_400_000_000;

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    from_hex(text.as_bytes()).unwrap().try_into().unwrap()
}

fn ring(second: bool) -> Keyring {
    let first = SecretBytes::new(from_base64(b"25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=").unwrap());
    let state = if second { KeyState::Retired } else { KeyState::Active };
    let mut roots = vec![RootKey { id: 1, secret: first, state }];
    if second {
        let root = from_hex(b"f2879b7acd1780b46e16660eec0b4f96ebe207799678bf4b66caec6143bdc76b").unwrap();
        roots.push(RootKey { id: 2, secret: SecretBytes::new(root), state: KeyState::Active });
    }
    Keyring::new(&roots)
}

/// HKDF gives the bytes of a key; here they are known, so the derived key must sign as they do.
fn assert_derives(purpose: Purpose, key: &str) {
    let mut derived = ring(false).derive(1, purpose).unwrap();
    let mut known = crate::keys::keyed(&bytes::<32>(key));
    derived.update(b"probe");
    known.update(b"probe");
    assert_eq!(derived.finalize().into_bytes(), known.finalize().into_bytes());
}

#[test]
fn every_value_is_as_written() {
    assert_derives(Purpose::RefreshMac, "9c641e46f777a61588c0dc9c3924d6c4493d53b0fb8dc4b62e697bdfa796bfa4");
    assert_derives(Purpose::RefreshHash, "a6448876941a11e5bff91e8306d25fc9a7f6d1ae7f45b271485ae99ae81c7335");
    assert_derives(Purpose::RefreshNext, "fa69d77efaffa7fbdd771c55e400bb00ca92b61858f532391ab93acd097e66a1");

    let owner = owner("acme", "u-42");
    assert_eq!(hex(&owner), "4614336d8ed0598ef2fb02e9e0ab040d4796b834cdd15da8d10cf42f181593a7");
    let family_id = family_id(&owner, bytes("3e7077fd2f66d689"));
    assert_eq!(hex(&family_id), "4614336d8ed0598e3e7077fd2f66d689");
    let created_at = Timestamp::from_micros(1_795_248_000_000_000);
    let login = Login {
        family_id,
        prefix: Prefix::User,
        tenant: "acme".to_owned(),
        subject: "u-42".to_owned(),
        client_id: "web".to_owned(),
        scope: String::new(),
        roles: Vec::new(),
        claims: String::new(),
        device: None,
        created_at,
        abs_expires_at: Timestamp::from_micros(created_at.as_micros() + 90 * DAY),
        idle: 30 * DAY,
        token_version: [0; 3],
        cnf_jkt: None,
        auth_time: None,
        amr: Vec::new(),
    };
    assert_eq!(hex(&login.digest()), "fa1e77e2fb724a989b53968f66dd8ea8d2901a84ed001f02a160f5eb51dc4286");

    let keys = RefreshKeys::new(&ring(false)).unwrap();
    let secret = Zeroizing::new(bytes("e0cee6a7cf5b37bf2dca7c979af356d0a31cbc5c85605c7d2ae1c19c0cbd378e"));
    let token0 = RefreshToken { prefix: Prefix::User, kid: 1, family_id, generation: 0, secret };
    let hash = |keys: &RefreshKeys, token: &RefreshToken| hex(&keys.hash(token.kid, &login, token.generation, &token.secret).unwrap());
    assert_eq!(hash(&keys, &token0), "6e7b3be90eda98a912e777eb0ec031d412a57470229dc6f1e0c2a13ebce90453");
    let text0 = "gwr1_AQBGFDNtjtBZjj5wd_0vZtaJAAAAAODO5qfPWze_Lcp8l5rzVtCjHLxchWBcfSrhwZwMvTeOipOirXiULEOYqi4vwyXS0w3LuSAF";
    assert_eq!(keys.text(&token0).unwrap(), text0);

    let token1 = keys.successor(&token0, 1, &bytes("09536d455275cf21d81f51781eeb8f46a0e112e86ca335896ccc12cee00e6cfc")).unwrap();
    assert_eq!(hex(&*token1.secret), "f0bb6a1ae2dd3a13555a2f6f854735248ecf39fe35dcd5aa1478bee94aecc1a3");
    assert_eq!(hash(&keys, &token1), "55973e587fab94ff32a95a5ca43fd3144629278b12f794b59516e9dd81b84949");
    let text1 = "gwr1_AQBGFDNtjtBZjj5wd_0vZtaJAAAAAfC7ahri3ToTVVovb4VHNSSOzzn-NdzVqhR4vulK7MGj3TjeCOGz9XUGCdj15ds4xQ27PUqs";
    assert_eq!(keys.text(&token1).unwrap(), text1);
    assert_eq!(hex(&retry_key_hash(&bytes::<16>("000102030405060708090a0b0c0d0e0f"))), "be45cb2605bf36bebde684841a28f0fd");

    // Root 2 has become active: the next rotation moves the family to it.
    let keys = RefreshKeys::new(&ring(true)).unwrap();
    let token2 = keys.successor(&token1, 2, &bytes("dfeff2693829d50ffbcac100d0fbe745482e032f93f6bafb9899307f9d747746")).unwrap();
    assert_eq!(hex(&*token2.secret), "bb9c3459c47572c1549019accdb3647011eb01a90abf20d9de6d8433cc548433");
    assert_eq!(hash(&keys, &token2), "31aff40093a850b54042729288ccf8d2009f2b57658d5a9177e899dc4b0c3deb");
    let text2 = "gwr1_AgBGFDNtjtBZjj5wd_0vZtaJAAAAArucNFnEdXLBVJAZrM2zZHAR6wGpCr8g2d5thDPMVIQzmi56ewfiA5JQCgNSsDuKKA1Lo2Bk";
    assert_eq!(keys.text(&token2).unwrap(), text2);
    for text in [text0, text1, text2] {
        let (token, mac) = RefreshToken::parse(text).unwrap();
        assert!(keys.is_ours(&token, &mac));
        assert!(!keys.is_ours(&RefreshToken { generation: token.generation + 1, ..token }, &mac));
    }
}
