//! How the text of a secret becomes a key: as the scheme says, with the likely mistake named where it does not.

use zeroize::Zeroizing;

use super::key::EndpointKey;
use super::scheme::{Alg, Scheme, SecretForm};
use crate::ed25519::{PublicKey, SecretKey};
use crate::encode;
use crate::secret::{SecretBytes, is_well_known};

/// What begins the text of a secret of another kind, and the likely mistake.
const MISTAKES: [(&str, &str); 5] = [
    ("v1,whsec_", "v1, stands in front of a whole configuration value, not of a secret: leave it out"),
    ("sk_live_", "this looks like an API key: give the endpoint's signing secret"),
    ("sk_test_", "this looks like an API key: give the endpoint's signing secret"),
    ("whpk_", "this is a public key of ed25519, which this scheme does not use: give its shared secret"),
    ("whsk_", "this is a private key of ed25519, which this scheme does not use: give its shared secret"),
];

/// Decodes a secret.
///
/// # Errors
/// A sentence that says what to write; never anything of the secret.
pub(super) fn decode(scheme: &Scheme, text: &str) -> Result<EndpointKey, String> {
    if text.is_empty() {
        return Err("write the secret: it is empty".to_owned());
    }
    if scheme.algs.contains(&Alg::Ed25519) {
        if let Some(rest) = text.strip_prefix("whpk_") {
            return public_key(rest);
        }
        if let Some(rest) = text.strip_prefix("whsk_") {
            return private_key(rest);
        }
    }
    shared(scheme, text).map(|key| EndpointKey::hmac(&key))
}

/// Decodes a shared secret.
fn shared(scheme: &Scheme, text: &str) -> Result<SecretBytes, String> {
    if let Some((_, mistake)) = MISTAKES.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return Err((*mistake).to_owned());
    }
    if !scheme.algs.contains(&Alg::HmacSha256) {
        return Err("write a key of ed25519, behind whpk_ or whsk_".to_owned());
    }
    let key = match &scheme.secret {
        SecretForm::Utf8 { .. } => utf8(text)?,
        SecretForm::Base64 { strip, .. } => base64(text.strip_prefix(strip.as_str()).unwrap_or(text))?,
        SecretForm::Hex { .. } => hex(text)?,
    };
    let (min, max) = scheme.secret.lengths();
    if key.len() < min {
        return Err(format!("write a longer secret: this one has {} bytes, and {min} is the least", key.len()));
    }
    if key.len() > max {
        return Err(format!("write a shorter secret: this one has {} bytes, and {max} is the most", key.len()));
    }
    if is_well_known(text.as_bytes()) || is_well_known(key.expose()) {
        return Err("write a secret of your own: this one is in public examples".to_owned());
    }
    Ok(key)
}

fn utf8(text: &str) -> Result<SecretBytes, String> {
    if text.trim() != text {
        return Err("leave out the white space at the ends of the secret".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("leave out the control characters in the secret".to_owned());
    }
    Ok(SecretBytes::new(text.as_bytes().to_vec()))
}

/// The standard alphabet; senders hand secrets out with padding and without.
fn base64(text: &str) -> Result<SecretBytes, String> {
    if text.chars().any(char::is_whitespace) {
        return Err("leave out the white space in the secret".to_owned());
    }
    if text.contains(['-', '_']) {
        return Err("write the secret in the standard alphabet of base64, with + and / in place of - and _".to_owned());
    }
    let mut padded = Zeroizing::new(String::with_capacity(text.len() + 3));
    padded.push_str(text);
    if !text.contains('=') {
        (0..text.len().wrapping_neg() % 4).for_each(|_| padded.push('='));
    }
    let key = encode::from_base64(padded.as_bytes()).map(SecretBytes::new);
    key.ok_or_else(|| "write the secret in base64, exactly as the sender shows it".to_owned())
}

fn hex(text: &str) -> Result<SecretBytes, String> {
    encode::from_hex(text.as_bytes()).map(SecretBytes::new).ok_or_else(|| "write the secret in hex: an even number of 0-9 and a-f".to_owned())
}

fn public_key(text: &str) -> Result<EndpointKey, String> {
    let key = PublicKey::from_bytes(base64(text)?.expose());
    key.map(EndpointKey::public).map_err(|error| format!("write the 32 bytes of the public key behind whpk_: {error}"))
}

fn private_key(text: &str) -> Result<EndpointKey, String> {
    let key = base64(text)?;
    let halves = key.expose().split_at_checked(32).filter(|(_, public)| public.len() == 32);
    let (seed, public) = halves.ok_or_else(|| "write the 64 bytes of the private key behind whsk_: its seed, then its public key".to_owned())?;
    let pair = SecretKey::from_seed(seed, public);
    pair.map(EndpointKey::private).map_err(|error| format!("write the 64 bytes of the private key behind whsk_: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::presets::preset;
    use super::*;

    fn hmac(preset_name: &str, text: &str) -> Result<Vec<u8>, String> {
        let scheme = preset(preset_name).unwrap();
        assert_eq!(decode(&scheme, text).is_ok(), shared(&scheme, text).is_ok());
        shared(&scheme, text).map(|key| key.expose().to_vec())
    }

    #[test]
    fn the_scheme_decides_what_whsec_means() {
        let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert_eq!(hmac("parking", text).unwrap(), text.as_bytes());
        let decoded = hmac("standard_webhooks", text).unwrap();
        assert_eq!(decoded.len(), 24);
        assert_eq!(hmac("standard_webhooks", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(), decoded);
    }

    #[test]
    fn base64_is_taken_padded_or_not_and_in_no_other_variation() {
        let padded = encode::base64(&[7; 25]);
        assert_eq!(hmac("standard_webhooks", &padded).unwrap(), [7; 25]);
        assert_eq!(hmac("standard_webhooks", padded.trim_end_matches('=')).unwrap(), [7; 25]);
        let spare_bits = format!("{}d==", padded.trim_end_matches("w=="));
        for wrong in
            [padded.strip_suffix('=').unwrap(), &format!("{padded}="), &spare_bits, &format!("{padded} "), &format!("{padded}\n"), "whsec_!!!!AQ", ""]
        {
            assert!(hmac("standard_webhooks", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lengths_and_likely_mistakes_are_named() {
        let says = |preset: &str, text: &str, part: &str| {
            let mend = hmac(preset, text).unwrap_err();
            assert!(mend.contains(part), "{mend}");
            assert!(!mend.contains(text) || text.len() < 2, "{mend}");
        };
        says("standard_webhooks", &encode::base64(&[7; 23]), "24 is the least");
        says("standard_webhooks", &encode::base64(&[7; 65]), "64 is the most");
        says("parking", "fifteen bytes..", "16 is the least");
        says("parking", " sixteen bytes ...", "white space");
        says("parking", "sixteen\u{7}bytes .....", "control");
        says("parking", "sk_live_0123456789abcdef", "API key");
        says("parking", "whpk_0123456789abcdef", "public key");
        says("parking", "whsk_0123456789abcdef", "private key");
        says("parking", "v1,whsec_0123456789abcdef", "v1,");
        says("standard_webhooks", "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,");
        says("parking", "Please-Change-Me", "public examples");
        assert!(hmac("parking", "with spaces inside it").is_ok());
    }

    #[cfg(feature = "ring")]
    #[test]
    fn keys_of_ed25519_have_their_exact_lengths_and_fit_together() {
        use ring::signature::{Ed25519KeyPair, KeyPair};
        let scheme = preset("standard_webhooks").unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let public = pair.public_key().as_ref();
        let private = [&[9; 32], public].concat();
        assert!(!decode(&scheme, &format!("whpk_{}", encode::base64(public))).unwrap().can_sign());
        assert!(decode(&scheme, &format!("whsk_{}", encode::base64(&private))).unwrap().can_sign());
        assert!(decode(&scheme, &format!("whpk_{}", encode::base64(&[1; 33]))).is_err());
        assert!(decode(&scheme, &format!("whsk_{}", encode::base64(&[9; 64]))).is_err());
        assert!(decode(&scheme, &format!("whsk_{}", encode::base64(&[9; 32]))).is_err());
    }
}
