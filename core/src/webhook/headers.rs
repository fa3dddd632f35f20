//! The headers of one message: found by name, each there once, none too long.

use super::scheme::Scheme;
use super::types::Headers;
use crate::error::WebhookError;

/// The most bytes of a header that is read.
pub(super) const MAX_HEADER: usize = 8192;

/// The names that a scheme reads: its own, and those of the other family where it has one.
#[derive(Debug)]
pub(super) struct HeaderNames {
    own: Family,
    alias: Option<Family>,
}

#[derive(Debug)]
struct Family {
    /// Signature, time, id, nonce: the order in which faults are reported.
    names: [Option<String>; 4],
}

/// The values of one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) signature: &'a [u8],
    pub(super) timestamp: Option<&'a [u8]>,
    pub(super) id: Option<&'a [u8]>,
    pub(super) nonce: Option<&'a [u8]>,
}

impl HeaderNames {
    pub(super) fn new(scheme: &Scheme) -> Self {
        let own = [
            Some(scheme.signature.header.clone()),
            scheme.timestamp.as_ref().and_then(|time| time.header.clone()),
            scheme.id.as_ref().map(|id| id.header.clone()),
            scheme.nonce.as_ref().map(|nonce| nonce.header.clone()),
        ];
        let alias = scheme
            .alias_prefix
            .iter()
            .next()
            .map(|(prefix, alias)| Family { names: own.clone().map(|name| name.map(|name| with_prefix(&name, prefix, alias))) });
        Self { own: Family { names: own }, alias }
    }

    /// Every name that is looked for, of both families.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.own).chain(&self.alias).flat_map(|family| family.names.iter().filter_map(Option::as_deref))
    }

    /// The name of the signature header.
    pub(super) fn signature(&self) -> &str {
        self.own.name(SIGNATURE)
    }

    /// The name of the time's header, or of the one that holds the time.
    pub(super) fn timestamp(&self) -> &str {
        self.own.name(TIMESTAMP)
    }

    /// The name of the id's header.
    pub(super) fn id(&self) -> &str {
        self.own.name(ID)
    }

    /// The name of the nonce's header.
    pub(super) fn nonce(&self) -> &str {
        self.own.name(NONCE)
    }

    /// Finds what the scheme reads. The other family is read as a whole, or not at all: a mixture would let one message be
    /// put together from two.
    ///
    /// # Errors
    /// For all headers first what is missing, then what is there twice, then what is too long.
    pub(super) fn read<'a>(&self, headers: Headers<'a>) -> Result<Values<'a>, WebhookError> {
        let own = self.own.find(headers);
        match &self.alias {
            Some(alias) if own[SIGNATURE].count == 0 => {
                let other = alias.find(headers);
                if other[SIGNATURE].count > 0 { alias.values(&other) } else { self.own.values(&own) }
            }
            _ => self.own.values(&own),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Found<'a> {
    count: usize,
    value: &'a [u8],
}

#[allow(clippy::indexing_slicing, reason = "constant indices into an array of four")]
impl Family {
    fn name(&self, at: usize) -> &str {
        self.names[at].as_deref().or(self.names[SIGNATURE].as_deref()).unwrap_or_default()
    }

    fn find<'a>(&self, headers: Headers<'a>) -> [Found<'a>; 4] {
        let mut found = [Found::default(); 4];
        for (name, value) in headers {
            for (wanted, found) in self.names.iter().zip(&mut found) {
                if wanted.as_ref().is_some_and(|wanted| is_same_name(wanted, name)) {
                    found.count += 1;
                    found.value = value;
                }
            }
        }
        found
    }

    fn values<'a>(&self, found: &[Found<'a>; 4]) -> Result<Values<'a>, WebhookError> {
        let read = || self.names.iter().zip(found).filter_map(|(name, found)| Some((name.as_ref()?, found)));
        if let Some((name, _)) = read().find(|(_, found)| found.count == 0) {
            return Err(WebhookError::HeaderMissing(name.clone()));
        }
        if let Some((name, _)) = read().find(|(_, found)| found.count > 1) {
            return Err(WebhookError::HeaderDuplicate(name.clone()));
        }
        if let Some((name, _)) = read().find(|(_, found)| found.value.len() > MAX_HEADER) {
            return Err(WebhookError::HeaderMalformed(name.clone()));
        }
        let value = |at: usize| self.names[at].as_ref().map(|_| found[at].value);
        Ok(Values { signature: found[SIGNATURE].value, timestamp: value(TIMESTAMP), id: value(ID), nonce: value(NONCE) })
    }
}

/// Names compare without case; most are the same as they are.
fn is_same_name(wanted: &str, name: &str) -> bool {
    wanted.len() == name.len() && (wanted == name || wanted.eq_ignore_ascii_case(name))
}

/// A name of the scheme's own family as the other one has it.
fn with_prefix(name: &str, prefix: &str, alias: &str) -> String {
    match name.split_at_checked(prefix.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(prefix) => format!("{alias}{rest}"),
        _ => name.to_owned(),
    }
}

const SIGNATURE: usize = 0;
const TIMESTAMP: usize = 1;
const ID: usize = 2;
const NONCE: usize = 3;
