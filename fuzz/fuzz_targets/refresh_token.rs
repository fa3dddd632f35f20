//! Refresh tokens. An input is a whole token's text; or `+` and 70 bytes of a body, whose text is then made whole with prefix
//! and CRC, so that the fuzzer reaches the MAC.

#![no_main]

use std::sync::LazyLock;

use gatewright::encode::base64url;
use gatewright::keys::{KeyState, Keyring, RootKey};
use gatewright::secret::SecretBytes;
use gatewright::tokens::refresh::ratchet::RefreshKeys;
use gatewright::tokens::refresh::token::{RefreshToken, TOKEN_LEN};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<RefreshKeys> = LazyLock::new(|| {
    let root = RootKey { id: 1, secret: SecretBytes::new(vec![9; 32]), state: KeyState::Active };
    RefreshKeys::new(&Keyring::new(&[root])).expect("one active root")
});

fuzz_target!(|input: &[u8]| {
    let text = match input.strip_prefix(b"+") {
        Some(body) => whole(body),
        None => String::from_utf8_lossy(input).into_owned(),
    };
    let Some((token, mac)) = RefreshToken::parse(&text) else { return };
    // One text for one token.
    assert_eq!(text.len(), TOKEN_LEN);
    assert_eq!(token.to_text(&mac), text);
    // Nobody guesses 128 bits: what is not made with our key is not ours.
    assert!(!KEYS.is_ours(&token, &mac) || KEYS.text(&token).as_deref() == Some(text.as_str()));
    assert!(!format!("{token:?}").contains(&text[10..40]));
});

fn whole(body: &[u8]) -> String {
    let checked = format!("gwr1_{}", base64url(body));
    let mut crc = u64::from(crc32fast::hash(checked.as_bytes()));
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(crc % 62) as usize];
        crc /= 62;
    }
    checked + std::str::from_utf8(&digits).expect("digits")
}
