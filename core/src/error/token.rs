//! Refusals of access tokens.

/// Why an access token was refused. The cases stand in the order in which they are tested (`docs/tokens.md`).
///
/// A client sees only `token_expired` (a token that is ours in every other respect) or `token_invalid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message says what its case means")]
pub enum TokenError {
    #[error("the access token has more than 8192 bytes, or its header more than 1024")]
    TooLarge,
    #[error("the access token is not a compact JWS of strict base64url and JSON")]
    Malformed,
    #[error("the access token's header asks for an extension (crit, b64); none is supported")]
    Crit,
    #[error("the access token's header has a member of a wrong form, or one that is refused (jwk, jku, x5u, x5c, enc, zip)")]
    Header,
    #[error("no key of this issuer is known under the access token's kid, or it is outside its time")]
    KeyUnknown,
    #[error("the access token names another algorithm than its key's")]
    Algorithm,
    #[error("the access token is of another type (typ)")]
    Type,
    #[error("the access token's signature is not right")]
    Signature,
    #[error("a required claim is missing from the access token")]
    ClaimMissing,
    #[error("a claim of the access token has a wrong type or is out of range")]
    ClaimType,
    #[error("the access token is from another issuer")]
    Issuer,
    #[error("the access token is for another audience")]
    Audience,
    #[error("the access token's lifetime is longer than its key allows")]
    Lifetime,
    #[error("the access token was issued in the future; set the issuer's clock")]
    IssuedInFuture,
    #[error("the access token is not valid yet")]
    NotYetValid,
    #[error("the access token has expired; refresh it")]
    Expired,
    #[error("the access token is bound to a key and came without a DPoP proof")]
    DpopMissing,
    #[error("the access token's session or version has been revoked; log in again")]
    Revoked,
}

impl TokenError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "jwt_too_large",
            Self::Malformed => "jwt_malformed",
            Self::Crit => "jwt_crit",
            Self::Header => "jwt_header",
            Self::KeyUnknown => "jwt_key_unknown",
            Self::Algorithm => "jwt_algorithm",
            Self::Type => "jwt_type",
            Self::Signature => "jwt_signature",
            Self::ClaimMissing => "jwt_claim_missing",
            Self::ClaimType => "jwt_claim_type",
            Self::Issuer => "jwt_issuer",
            Self::Audience => "jwt_audience",
            Self::Lifetime => "jwt_lifetime",
            Self::IssuedInFuture => "jwt_issued_in_future",
            Self::NotYetValid => "jwt_not_yet_valid",
            Self::Expired => "jwt_expired",
            Self::DpopMissing => "dpop_missing",
            Self::Revoked => "jwt_revoked",
        }
    }
}
