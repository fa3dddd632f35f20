//! Which headers an answer has.

/// A family of headers that say what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderStyle {
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, of the tier that matters most; the reset in seconds since the epoch.
    Legacy,
    /// `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10, of every tier.
    Draft10,
}

/// The families that are on: `[http] rate_limit_headers`. None by default.
///
/// ```
/// use gatewright::limits::{HeaderStyle, HeaderStyles};
///
/// let styles: HeaderStyles = [HeaderStyle::Draft10].into_iter().collect();
/// assert!(styles.has(HeaderStyle::Draft10) && !styles.has(HeaderStyle::Legacy));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeaderStyles {
    legacy: bool,
    draft10: bool,
}

impl HeaderStyles {
    /// Whether a family is on.
    #[must_use]
    pub const fn has(self, style: HeaderStyle) -> bool {
        match style {
            HeaderStyle::Legacy => self.legacy,
            HeaderStyle::Draft10 => self.draft10,
        }
    }
}

impl FromIterator<HeaderStyle> for HeaderStyles {
    fn from_iter<I: IntoIterator<Item = HeaderStyle>>(styles: I) -> Self {
        styles.into_iter().fold(Self::default(), |all, style| match style {
            HeaderStyle::Legacy => Self { legacy: true, ..all },
            HeaderStyle::Draft10 => Self { draft10: true, ..all },
        })
    }
}
