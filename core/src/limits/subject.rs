//! Whom a limit is for: the text that a call gives, brought to one form.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::error::{LimitError, Result};

/// The longest subject, in bytes of its one form.
const MAX_SUBJECT: usize = 320;
/// The longest text that is looked at: a compatibility form may be shorter than what it stands for.
const MAX_TEXT: usize = 4 * MAX_SUBJECT;
/// How much of an IPv6 address tells one customer from another.
pub(super) const IPV6_PREFIX: u8 = 64;

/// How subjects are normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubjectForm {
    /// As they are given.
    Exact,
    /// NFKC, trimmed, in lower case: what a person types as an e-mail address or a name.
    Email,
    /// The network of an address: see [`ip_key`].
    Ip,
}

impl SubjectForm {
    /// The one form of a subject.
    ///
    /// # Errors
    /// `subject_invalid` for an empty one, one over 320 bytes, or, of `ip`, no address.
    pub(crate) fn normalise(self, subject: &str) -> Result<Cow<'_, str>> {
        let subject = if self == Self::Exact { subject } else { subject.trim() };
        if subject.len() > MAX_TEXT {
            return Err(LimitError::SubjectInvalid.into());
        }
        let form = match self {
            Self::Exact => Cow::Borrowed(subject),
            Self::Email => email(subject),
            Self::Ip => Cow::Owned(ip_key(subject, IPV6_PREFIX)?),
        };
        if form.is_empty() || form.len() > MAX_SUBJECT {
            return Err(LimitError::SubjectInvalid.into());
        }
        Ok(form)
    }
}

fn email(subject: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    if subject.bytes().all(is_plain) {
        return Cow::Borrowed(subject);
    }
    let compatible: Cow<'_, str> = match is_nfkc_quick(subject.chars()) {
        IsNormalized::Yes => Cow::Borrowed(subject),
        _ => Cow::Owned(subject.nfkc().collect()),
    };
    Cow::Owned(compatible.trim().to_lowercase())
}

/// What an address is limited by: an IPv4 address itself, written plainly or within IPv6; of an IPv6 address its first `prefix`
/// bits (1–128), since one customer has all that follow 64 of them.
///
/// ```
/// use gatewright::limits::ip_key;
///
/// assert_eq!(ip_key("2001:db8:1:2:3:4:5:6", 64)?, "2001:db8:1:2::/64");
/// assert_eq!(ip_key("::ffff:203.0.113.7", 64)?, "203.0.113.7");
/// # Ok::<(), gatewright::Error>(())
/// ```
///
/// # Errors
/// `subject_invalid` for anything but an address, with a port, a zone or brackets too; `invalid_argument` for another prefix.
pub fn ip_key(address: &str, prefix: u8) -> Result<String> {
    if !(1..=128).contains(&prefix) {
        return Err(crate::error::Error::invalid_argument("prefix", "give 1 to 128 bits"));
    }
    match address.trim().parse::<IpAddr>().map_err(|_| LimitError::SubjectInvalid)?.to_canonical() {
        IpAddr::V4(address) => Ok(address.to_string()),
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << (128 - u32::from(prefix)));
            Ok(format!("{}/{prefix}", Ipv6Addr::from_bits(network)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(form: SubjectForm, subject: &str) -> Result<String, &'static str> {
        form.normalise(subject).map(Cow::into_owned).map_err(|error| error.code())
    }

    #[test]
    fn one_person_has_one_form() {
        for subject in ["ada@example.com", " Ada@Example.COM\n", "ＡＤＡ@example.com", "ada@example\u{2024}com", "ⓐda@example.com"] {
            assert_eq!(normal(SubjectForm::Email, subject).as_deref(), Ok("ada@example.com"), "{subject:?}");
        }
        assert_eq!(normal(SubjectForm::Email, "E\u{301}").as_deref(), Ok("é"));
        assert_eq!(normal(SubjectForm::Exact, " Ada ").as_deref(), Ok(" Ada "));
    }

    #[test]
    fn the_edges_of_a_subject() {
        for form in [SubjectForm::Exact, SubjectForm::Email] {
            assert!(normal(form, &"a".repeat(320)).is_ok());
            assert_eq!(normal(form, &"a".repeat(321)), Err("subject_invalid"));
            assert_eq!(normal(form, ""), Err("subject_invalid"));
        }
        assert_eq!(normal(SubjectForm::Email, " \t\u{3000}"), Err("subject_invalid"));
        assert_eq!(normal(SubjectForm::Email, &"a".repeat(1 << 20)), Err("subject_invalid"));
        // What is trimmed does not count, and the longest form of 320 bytes is looked at.
        for blank in [" ", "\u{3000}"] {
            let padded = |text: &str| format!("{0}{text}{0}", blank.repeat(2_000));
            assert_eq!(normal(SubjectForm::Email, &padded("Ada")).as_deref(), Ok("ada"));
            assert_eq!(normal(SubjectForm::Ip, &padded("::1")).as_deref(), Ok("::/64"));
            assert_eq!(normal(SubjectForm::Exact, &padded("ada")), Err("subject_invalid"));
        }
        assert_eq!(normal(SubjectForm::Email, &"\u{1d51e}".repeat(320)).as_deref(), Ok("a".repeat(320).as_str()));
        // One character of three bytes stands for eighteen.
        assert_eq!(normal(SubjectForm::Email, &"\u{fdfa}".repeat(100)), Err("subject_invalid"));
    }

    #[test]
    fn addresses_are_limited_by_their_network() {
        for (address, key) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7 ", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:DB8::1", "2001:db8::/64"),
            ("2001:db8:0:0:ffff::", "2001:db8::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(normal(SubjectForm::Ip, address).as_deref(), Ok(key), "{address}");
        }
        for wrong in ["", "localhost", "203.0.113", "203.0.113.256", "203.0.113.07", "[::1]", "203.0.113.7:80", "fe80::1%eth0", "a@b"] {
            assert_eq!(normal(SubjectForm::Ip, wrong), Err("subject_invalid"), "{wrong}");
        }
        assert_eq!(ip_key("2001:db8:ffff:ffff::", 56).as_deref(), Ok("2001:db8:ffff:ff00::/56"));
        assert_eq!(ip_key("::1", 128).as_deref(), Ok("::1/128"));
        assert!(ip_key("::1", 0).is_err() && ip_key("::1", 129).is_err());
    }
}
