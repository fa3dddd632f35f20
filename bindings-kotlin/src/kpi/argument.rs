//! Arguments of figures.

use std::borrow::Cow;

use gatewright::kpi::{Argument, Sample};

/// An argument or member by its name.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiMember {
    pub name: String,
    pub value: FfiArgument,
}

/// What is given for it.
#[derive(uniffi::Enum)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::Argument")]
#[allow(clippy::use_self, reason = "UniFFI's derive reads the name")]
pub enum FfiArgument {
    Absent,
    Flag { flag: bool },
    Items { items: Vec<FfiArgument> },
    Members { members: Vec<FfiMember> },
    Real { real: f64 },
    Words { text: String },
    Whole { whole: i64 },
}

/// Arguments as the core has them.
pub(super) fn arguments(members: Vec<FfiMember>) -> Vec<(Cow<'static, str>, Argument<'static>)> {
    members.into_iter().map(|member| (member.name.into(), member.value.into())).collect()
}

impl From<FfiArgument> for Argument<'_> {
    fn from(given: FfiArgument) -> Self {
        match given {
            FfiArgument::Absent => Self::Null,
            FfiArgument::Flag { flag } => Self::Flag(flag),
            FfiArgument::Items { items } => Self::List(items.into_iter().map(Argument::from).collect()),
            FfiArgument::Members { members } => Self::Map(arguments(members)),
            FfiArgument::Real { real } => Self::Real(real),
            FfiArgument::Words { text } => Self::Text(text.into()),
            FfiArgument::Whole { whole } => Self::Whole(whole.into()),
        }
    }
}

/// A list of numbers, and how many more are missing.
pub(super) const fn sample(sample: Sample<'_>, missing: u64) -> Argument<'_> {
    Argument::Sample(sample.with_missing(missing))
}

/// 64-bit integers, if none is below 0.
pub(super) fn wholes(numbers: &[u8]) -> Option<Vec<u64>> {
    longs(numbers).map(|long| u64::try_from(long).ok()).collect()
}

/// Doubles, or 64-bit integers as doubles.
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub(super) fn doubles(numbers: &[u8], whole: bool) -> Vec<f64> {
    let real = |long: i64| if whole { long as f64 } else { f64::from_bits(long.cast_unsigned()) };
    longs(numbers).map(real).collect()
}

/// What lies in native memory, eight bytes each, in the machine's order.
fn longs(numbers: &[u8]) -> impl Iterator<Item = i64> {
    let (chunks, _) = numbers.as_chunks();
    chunks.iter().map(|chunk| i64::from_ne_bytes(*chunk))
}
