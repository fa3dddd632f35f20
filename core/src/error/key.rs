//! Faults of keys given to a call. At load the same faults are `config_invalid`.

/// A key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a key of any form that is read here, or a weak one.
    #[error("the key cannot be read ({0}); give a PEM or JWK of the named algorithm")]
    Invalid(&'static str),
    /// Fewer bytes than the algorithm's hash.
    #[error("the secret is too short; give at least {0} random bytes")]
    TooShort(usize),
    /// A key of one kind under the name of another.
    #[error("the key is not one for {0}; name the algorithm that the key is for")]
    TypeMismatch(&'static str),
}

impl KeyError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "key_invalid",
            Self::TooShort(_) => "key_too_short",
            Self::TypeMismatch(_) => "key_type_mismatch",
        }
    }
}
