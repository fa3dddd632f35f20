//! Decisions as bytes, for languages in which bytes cross the border at a fraction of the cost of an object, and members are read from them
//! on demand. They are of this process and version only: nothing stores or sends them.
//!
//! All numbers are little-endian. First the decision: flags (1: allowed, 2 and 4: the source, 8: compensated, 16: a wait, 32: a permit), the
//! number of tiers, which of them binds (255: none), the cost (4 bytes), now, retry and wait (8 bytes each). Then each tier: its algorithm
//! (128: allowed), the lengths of its names (2 bytes each), limit, burst, remaining and used (4 bytes each), period, next unit, full at and
//! retry (8 bytes each), the name of its policy, its id. At the end what was taken.

use std::sync::Arc;

use smallvec::SmallVec;

use super::decision::{Atomicity, Binding, Decision, Permit, PermitItem, Source, TierDecision};
use super::gcra::Tat;
use super::layout::Layout;
use super::rule::Taken;
use super::service::Key;
use super::tier::Algo;

/// What a decision of three tiers takes.
const ROOM: usize = 512;

const SOURCES: [Source; 4] = [Source::Store, Source::Local, Source::FailOpen, Source::FailClosed];
const ALGOS: [Algo; 5] = [Algo::TokenBucket, Algo::SlidingLog, Algo::SlidingWindow, Algo::Calendar, Algo::Concurrent];

const ALLOWED: u8 = 1;
const COMPENSATED: u8 = 8;
const WAIT: u8 = 16;
const PERMIT: u8 = 32;
const TIER_ALLOWED: u8 = 128;

/// Writes a decision to the end of `out`. `None` for more than 254 tiers or a name of more than 65,535 bytes, which no policy has.
///
/// ```
/// # fn main() -> gatewright::Result<()> {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use gatewright::limits::packed::{pack, unpack};
///
/// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "tenant", "preset": "tenant"}]}}"#;
/// let gate = gatewright::Gate::from_policy(policy).await?;
/// let decision = gate.limits().check("tenant", "acme", 40).await?;
/// let mut packed = Vec::new();
/// pack(&decision, &mut packed).unwrap();
/// let again = unpack(&packed).unwrap();
/// assert_eq!(again.tiers, decision.tiers);
/// # Ok(()) })
/// # }
/// ```
#[must_use = "`None` says that nothing useful was written"]
pub fn pack(decision: &Decision, out: &mut Vec<u8>) -> Option<()> {
    out.reserve(ROOM);
    let mut flags = place(&SOURCES, &decision.source)? << 1;
    flags |= if decision.allowed { ALLOWED } else { 0 };
    flags |= if decision.atomicity == Atomicity::Compensated { COMPENSATED } else { 0 };
    flags |= if decision.wait_us.is_some() { WAIT } else { 0 };
    flags |= if decision.permit.is_some() { PERMIT } else { 0 };
    let count = u8::try_from(decision.tiers.len()).ok().filter(|count| *count < u8::MAX)?;
    let is_binding = |tier: &TierDecision| tier.id == decision.binding.tier && tier.policy == decision.binding.policy;
    let binding = decision.tiers.iter().position(is_binding).and_then(|at| u8::try_from(at).ok());
    out.extend_from_slice(&[flags, count, binding.unwrap_or(u8::MAX)]);
    out.extend_from_slice(&decision.cost.to_le_bytes());
    for number in [decision.now_us, decision.retry_after_us, decision.wait_us.unwrap_or(0)] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for tier in &decision.tiers {
        pack_tier(tier, out)?;
    }
    if let Some(permit) = &decision.permit {
        pack_permit(permit, out)?;
    }
    Some(())
}

fn place<T: PartialEq>(all: &[T], one: &T) -> Option<u8> {
    u8::try_from(all.iter().position(|other| other == one)?).ok()
}

fn pack_tier(tier: &TierDecision, out: &mut Vec<u8>) -> Option<()> {
    out.push(place(&ALGOS, &tier.algo)? | if tier.allowed { TIER_ALLOWED } else { 0 });
    for name in [&tier.policy, &tier.id] {
        out.extend_from_slice(&u16::try_from(name.len()).ok()?.to_le_bytes());
    }
    for number in [tier.limit, tier.burst, tier.remaining, tier.used] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for number in [tier.period_us, tier.next_unit_us, tier.full_at_us, tier.retry_after_us] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(tier.policy.as_bytes());
    out.extend_from_slice(tier.id.as_bytes());
    Some(())
}

fn pack_permit(permit: &Permit, out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&[u8::from(permit.local), u8::from(permit.reserved), u8::try_from(permit.items.len()).ok()?]);
    out.extend_from_slice(&permit.cost.to_le_bytes());
    for item in &permit.items {
        pack_text(item.layout.policy().as_bytes(), out)?;
        out.extend_from_slice(&item.layout.number().to_le_bytes());
        match &item.key {
            Key::Hash(hash) => {
                out.push(0);
                out.extend_from_slice(&hash.to_le_bytes());
            }
            Key::Text(text) => {
                out.push(1);
                pack_text(text, out)?;
            }
        }
        out.extend_from_slice(&item.cost.to_le_bytes());
        out.push(u8::try_from(item.taken.len()).ok()?);
        for taken in &item.taken {
            let (kind, word, fraction) = match *taken {
                None => (0, 0, 0),
                Some(Taken::Bucket(tat)) => (1, tat.micros, tat.fraction),
                Some(Taken::Stamp(at)) => (2, at, 0),
                Some(Taken::Window(at)) => (3, at, 0),
                Some(Taken::Calendar(at)) => (4, at, 0),
                Some(Taken::Lease(id)) => (5, id.cast_signed(), 0),
            };
            out.push(kind);
            out.extend_from_slice(&word.to_le_bytes());
            out.extend_from_slice(&fraction.to_le_bytes());
        }
    }
    Some(())
}

fn pack_text(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&u16::try_from(text.len()).ok()?.to_le_bytes());
    out.extend_from_slice(text);
    Some(())
}

/// Reads a decision again, without its permit, which belongs to a gate: [`Limits::packed_permit`](crate::gate::Limits::packed_permit).
/// `None` for bytes that are none.
#[must_use]
pub fn unpack(packed: &[u8]) -> Option<Decision> {
    unpack_head(&mut Reader(packed)).map(|(decision, _)| decision)
}

/// The decision, and whether a permit follows.
fn unpack_head(from: &mut Reader<'_>) -> Option<(Decision, bool)> {
    let [flags, count, binding] = from.take()?;
    let cost = u32::from_le_bytes(from.take()?);
    let [now_us, retry_after_us, wait] = [from.word()?, from.word()?, from.word()?];
    let tiers = (0..count).map(|_| unpack_tier(from)).collect::<Option<SmallVec<[TierDecision; 3]>>>()?;
    let none = || Binding { policy: "".into(), tier: "".into() };
    let named = |tier: &TierDecision| Binding { policy: Arc::clone(&tier.policy), tier: Arc::clone(&tier.id) };
    let decision = Decision {
        allowed: flags & ALLOWED != 0,
        source: *SOURCES.get(usize::from(flags >> 1 & 3))?,
        now_us,
        cost,
        binding: tiers.get(usize::from(binding)).map_or_else(none, named),
        retry_after_us,
        wait_us: (flags & WAIT != 0).then_some(wait),
        tiers,
        permit: None,
        atomicity: if flags & COMPENSATED == 0 { Atomicity::Atomic } else { Atomicity::Compensated },
    };
    Some((decision, flags & PERMIT != 0))
}

fn unpack_tier(from: &mut Reader<'_>) -> Option<TierDecision> {
    let [algo] = from.take()?;
    let [policy_len, id_len] = [u16::from_le_bytes(from.take()?), u16::from_le_bytes(from.take()?)];
    let mut half = || from.take().map(u32::from_le_bytes);
    let [limit, burst, remaining, used] = [half()?, half()?, half()?, half()?];
    let [period_us, next_unit_us, full_at_us, retry_after_us] = [from.word()?, from.word()?, from.word()?, from.word()?];
    Some(TierDecision {
        policy: from.name(policy_len)?,
        id: from.name(id_len)?,
        algo: *ALGOS.get(usize::from(algo & !TIER_ALLOWED))?,
        limit,
        burst,
        period_us,
        remaining,
        used,
        next_unit_us,
        full_at_us,
        retry_after_us,
        allowed: algo & TIER_ALLOWED != 0,
    })
}

/// The permit of a packed decision. `layout_of` gives the layout of a policy by its name and number, of the store or of this process.
pub(super) fn unpack_permit(packed: &[u8], layout_of: impl Fn(&str, u32, bool) -> Option<Arc<Layout>>) -> Option<Permit> {
    let mut from = Reader(packed);
    let (_, has_permit) = unpack_head(&mut from)?;
    if !has_permit {
        return None;
    }
    let [local, reserved, count] = from.take()?;
    let (local, cost) = (local != 0, u32::from_le_bytes(from.take()?));
    let items = (0..count)
        .map(|_| {
            let policy_len = u16::from_le_bytes(from.take()?);
            let policy = std::str::from_utf8(from.bytes(policy_len)?).ok()?;
            let layout = layout_of(policy, u32::from_le_bytes(from.take()?), local)?;
            let key = match from.take()? {
                [0] => Key::Hash(u128::from_le_bytes(from.take()?)),
                _ => {
                    let len = u16::from_le_bytes(from.take()?);
                    Key::Text(from.bytes(len)?.to_vec())
                }
            };
            let cost = u32::from_le_bytes(from.take()?);
            let [count] = from.take()?;
            let taken = (0..count).map(|_| unpack_taken(&mut from)).collect::<Option<_>>()?;
            Some(PermitItem { layout, key, cost, taken })
        })
        .collect::<Option<_>>()?;
    Some(Permit { items, cost, local, reserved: reserved != 0, ready_at: None, spent: false.into() })
}

fn unpack_taken(from: &mut Reader<'_>) -> Option<Option<Taken>> {
    let [kind] = from.take()?;
    let (word, fraction) = (from.word()?, u32::from_le_bytes(from.take()?));
    Some(match kind {
        0 => None,
        1 => Some(Taken::Bucket(Tat { micros: word, fraction })),
        2 => Some(Taken::Stamp(word)),
        3 => Some(Taken::Window(word)),
        4 => Some(Taken::Calendar(word)),
        _ => Some(Taken::Lease(word.cast_unsigned())),
    })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn word(&mut self) -> Option<i64> {
        self.take().map(i64::from_le_bytes)
    }

    fn bytes(&mut self, len: u16) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(usize::from(len))?;
        self.0 = rest;
        Some(first)
    }

    fn name(&mut self, len: u16) -> Option<Arc<str>> {
        std::str::from_utf8(self.bytes(len)?).ok().map(Into::into)
    }
}
