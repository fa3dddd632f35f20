//! Schemes as data: the same JSON in all four languages.

/// How the messages of a sender look.
#[derive(Debug, Clone)]
pub struct Scheme {
    _todo: (),
}
