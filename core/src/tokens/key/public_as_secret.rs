//! Public keys that were pasted where a secret belongs (CVE-2022-29217, CVE-2024-33663 and their follow-ups): everybody
//! knows them, so a MAC under one proves nothing.

/// Whether these bytes are a key in PEM, JWK, SSH or DER form.
pub(super) fn is_public_key(secret: &[u8]) -> bool {
    let text = secret.trim_ascii();
    contains(text, b"-----BEGIN ") || is_ssh(text) || is_jwk(text) || is_der(secret)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A line of `authorized_keys`: the type, then its base64, which begins with the 32-bit length of the type's name.
fn is_ssh(text: &[u8]) -> bool {
    let mut words = text.split(|byte| *byte == b' ');
    let (Some(kind), Some(body)) = (words.next(), words.next()) else { return false };
    let known = [b"ssh-".as_slice(), b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-sha2-"].iter().any(|prefix| kind.starts_with(prefix));
    known && body.starts_with(b"AAAA")
}

/// An object with `kty`, whatever kind it names: even a symmetric JWK has its secret in `k`, not in its text.
fn is_jwk(text: &[u8]) -> bool {
    text.starts_with(b"{") && crate::json::read(text, 16).is_ok_and(|node| node.value.get("kty").is_some())
}

/// A SEQUENCE that names the algorithm of a public key near its beginning.
fn is_der(secret: &[u8]) -> bool {
    const RSA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
    const EC: &[u8] = &[0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    const ED25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03];
    let head = secret.get(..40).unwrap_or(secret);
    secret.first() == Some(&0x30) && [RSA, EC, ED25519].iter().any(|oid| contains(head, oid))
}
