//! What another server's answer says of its limits.

use std::time::{Duration, UNIX_EPOCH};

use super::structured::{Bare, Item, dictionary, list};
use crate::time::Timestamp;

/// What an answer says of its server's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerLimits {
    /// How long to wait before the next request, in µs, at most 285 years (2⁵³ µs): what `Retry-After` says, else the longest reset of the
    /// limits of which nothing remains. 0: ask at once.
    pub wait_us: i64,
    /// The limits that are told of, in the server's order. At most 2,048.
    pub limits: Vec<ServerLimit>,
}

/// One limit of a server. What it does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerLimit {
    /// Its name; empty where it has none, as in `X-RateLimit-*`.
    pub name: String,
    /// Units in a window.
    pub quota: Option<u64>,
    /// The window, in seconds.
    pub window_s: Option<u64>,
    /// Units that can be used now.
    pub remaining: Option<u64>,
    /// Seconds, counted from the answer, until there are more units; of `X-RateLimit-Reset` what its server means by it.
    pub reset_s: Option<u64>,
    /// What is counted, if not requests.
    pub unit: Option<String>,
    /// For whom it is counted, as the server writes it.
    pub partition_key: Option<Vec<u8>>,
}

/// The headers that [`parse_headers`] reads, in lower case; all others need not be handed over. Compare them without case.
pub const LIMIT_HEADERS: [&str; 14] = [
    "age",
    "date",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// Reads what an answer says of its server's limits, for the client: `Retry-After`, in seconds or as an HTTP date; `RateLimit` and
/// `RateLimit-Policy` of the drafts 8 to 11 and of draft 7; `RateLimit-Limit`, `-Remaining` and `-Reset` of the drafts before; and
/// `X-RateLimit-*`, also spelt `X-Rate-Limit-*`. Where an answer has several families, the newest that can be read is told. What cannot be
/// read is ignored, never an error: any list of headers gives an answer. A structured field (RFC 9651) with a fault anywhere cannot be
/// read at all; of one without, members of another type than a draft says are read over.
///
/// `now` is when the answer came. Instants are taken relative to its `Date`, if it has one, so that this host's clock need not
/// agree with the server's. An `X-RateLimit-Reset` below 10⁹ is in seconds from now, up to 10¹¹ in seconds since the epoch, else in
/// milliseconds since then. Fractions are rounded up. Of several `Retry-After`, in lines or after commas, the longest counts. A field of
/// more than 64 KiB is ignored. Of an answer out of a cache, whose `Age` is above 0, only `Retry-After` is read: what it says of limits is old.
///
/// ```
/// use gatewright::limits::parse_headers;
/// use gatewright::time::Timestamp;
///
/// let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
/// let answer = [header("RateLimit-Policy", r#""minute";q=100;w=60"#), header("RateLimit", r#""minute";r=0;t=36"#)];
/// let server = parse_headers(&answer, Timestamp::from_secs(1_795_248_726));
/// assert_eq!(server.wait_us, 36_000_000);
/// assert_eq!((server.limits[0].name.as_str(), server.limits[0].quota, server.limits[0].window_s), ("minute", Some(100), Some(60)));
/// ```
#[must_use]
pub fn parse_headers(headers: &[(String, Vec<u8>)], now: Timestamp) -> ServerLimits {
    let answer = Answer { headers, now };
    let limits = if answer.is_cached() { Vec::new() } else { answer.newest() };
    let used_up = limits.iter().filter(|limit| limit.remaining == Some(0)).filter_map(|limit| limit.reset_s).max();
    let wait = answer.retry_after().or(used_up).unwrap_or(0);
    ServerLimits { wait_us: i64::try_from(wait.min(MAX_WAIT)).unwrap_or(0) * 1_000_000, limits }
}

struct Answer<'a> {
    headers: &'a [(String, Vec<u8>)],
    now: Timestamp,
}

impl<'a> Answer<'a> {
    /// The lines of a field that are text, without the blanks around them.
    fn lines(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(own, value)| own.eq_ignore_ascii_case(name) && value.len() <= MAX_FIELD);
        named.filter_map(|(_, value)| std::str::from_utf8(value).ok()).map(trimmed)
    }

    /// The limits of the newest family that can be read.
    fn newest(&self) -> Vec<ServerLimit> {
        let families = [Self::named, Self::unnamed, Self::separate, Self::legacy];
        families.into_iter().map(|family| family(self)).find(|limits| !limits.is_empty()).unwrap_or_default()
    }

    fn is_cached(&self) -> bool {
        self.lines("age").filter_map(whole).any(|age| age > 0)
    }

    /// The lines of a structured field as one. An empty line is an empty member, as the RFC has it.
    fn field(&self, name: &'static str) -> Option<Vec<u8>> {
        let mut field = Vec::new();
        for (at, (_, line)) in self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).enumerate() {
            if field.len() + line.len() > MAX_FIELD {
                return None;
            }
            field.extend_from_slice(if at > 0 { b", " } else { b"" });
            field.extend_from_slice(line);
        }
        Some(field)
    }

    /// Drafts 8 to 11: named policies, and what remains of them. Draft 8 named them by tokens, and servers still do.
    fn named(&self) -> Vec<ServerLimit> {
        let named = |item: &Item| item.bare.text().map(|name| limit(name, item));
        let read = |field: &'static str| -> Vec<ServerLimit> {
            let items = self.field(field).and_then(|field| list(&field)).unwrap_or_default();
            items.iter().filter_map(named).collect()
        };
        let mut limits = read("ratelimit-policy");
        let mut is_met = vec![false; limits.len()];
        let mut unmet = Vec::new();
        for state in read("ratelimit") {
            let is_same = |policy: &ServerLimit| {
                let keys = (&policy.partition_key, &state.partition_key);
                policy.name == state.name && (keys.0 == keys.1 || keys.0.is_none() || keys.1.is_none())
            };
            match limits.iter_mut().zip(&mut is_met).find(|(policy, is_met)| !**is_met && is_same(policy)) {
                Some((policy, is_met)) => {
                    *is_met = true;
                    let own = std::mem::take(policy);
                    *policy = ServerLimit {
                        name: own.name,
                        quota: own.quota.or(state.quota),
                        window_s: own.window_s.or(state.window_s),
                        remaining: state.remaining,
                        reset_s: state.reset_s,
                        unit: own.unit.or(state.unit),
                        partition_key: own.partition_key.or(state.partition_key),
                    };
                }
                None => unmet.push(state),
            }
        }
        limits.append(&mut unmet);
        limits
    }

    /// Draft 7: `RateLimit: limit=100, remaining=50, reset=50`.
    fn unnamed(&self) -> Vec<ServerLimit> {
        let members = self.field("ratelimit").and_then(|field| dictionary(&field)).unwrap_or_default();
        let count = |name: &str| members.iter().find(|(own, _)| own == name).and_then(|(_, item)| item.bare.count());
        self.with_window(count("limit"), count("remaining"), count("reset"))
    }

    /// Drafts 0 to 6: a field for each number.
    fn separate(&self) -> Vec<ServerLimit> {
        let first = |field: &'static str| list(&self.field(field)?)?.first()?.bare.count();
        self.with_window(first("ratelimit-limit"), first("ratelimit-remaining"), first("ratelimit-reset"))
    }

    /// The window of such a quota is where the quotas are listed: `100;w=60`.
    fn with_window(&self, quota: Option<u64>, remaining: Option<u64>, reset_s: Option<u64>) -> Vec<ServerLimit> {
        if (quota, remaining, reset_s) == (None, None, None) {
            return Vec::new();
        }
        let quotas = |field: &'static str| self.field(field).and_then(|field| list(&field)).unwrap_or_default();
        let items = [quotas("ratelimit-policy"), quotas("ratelimit-limit")].concat();
        let is_this = |item: &&Item| quota.is_some() && item.bare.count() == quota;
        let window_s = items.iter().filter(is_this).find_map(|item| item.count("w"));
        vec![ServerLimit { quota, window_s, remaining, reset_s, ..ServerLimit::default() }]
    }

    /// `X-RateLimit-*`, else `X-Rate-Limit-*`.
    fn legacy(&self) -> Vec<ServerLimit> {
        let number = |field| self.lines(field).find_map(|line| whole(trimmed(line.split(',').next()?)));
        let read = |[quota, remaining, reset]: [&'static str; 3]| (number(quota), number(remaining), number(reset));
        let (quota, remaining, reset) = match read(["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]) {
            (None, None, None) => read(["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"]),
            read => read,
        };
        if (quota, remaining, reset) == (None, None, None) {
            return Vec::new();
        }
        let reset_s = reset.map(|reset| match reset {
            0..EPOCH_SECONDS => reset,
            EPOCH_SECONDS..EPOCH_MILLIS => self.until(reset.saturating_mul(1_000)),
            _ => self.until(reset),
        });
        vec![ServerLimit { quota, remaining, reset_s, ..ServerLimit::default() }]
    }

    /// The longest that can be read. Where a framework joined lines by commas, they are told apart again.
    fn retry_after(&self) -> Option<u64> {
        let mut longest = None;
        for line in self.lines("retry-after") {
            let mut parts = line.split(',').peekable();
            while let Some(part) = parts.next() {
                // Most dates have a comma of their own.
                let date = || self.wait(trimmed(&[part, parts.peek()?].join(",")));
                let wait = self.wait(trimmed(part)).or_else(date);
                longest = longest.max(wait);
            }
        }
        longest
    }

    /// Seconds, or until a date.
    fn wait(&self, text: &str) -> Option<u64> {
        whole(text).or_else(|| Some(self.until(date(text)?)))
    }

    /// Seconds from the answer to an instant in ms since the epoch, rounded up; 0 if it is past.
    fn until(&self, millis: u64) -> u64 {
        let sent = self.lines("date").find_map(date);
        let now = sent.unwrap_or_else(|| u64::try_from(self.now.as_millis()).unwrap_or(0));
        millis.saturating_sub(now).div_ceil(1_000)
    }
}

/// Without the blanks that a field may have around its value.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn limit(name: &str, item: &Item) -> ServerLimit {
    let bytes = |value: &Bare| if let Bare::Bytes(bytes) = value { Some(bytes.clone()) } else { None };
    ServerLimit {
        name: name.to_owned(),
        quota: item.count("q"),
        // A window of nothing is none.
        window_s: item.count("w").filter(|window| *window > 0),
        remaining: item.count("r"),
        reset_s: item.count("t"),
        unit: item.parameter("qu").and_then(Bare::text).map(str::to_owned),
        partition_key: item.parameter("pk").and_then(bytes),
    }
}

/// A number of 0 or more, rounded up; one that is too large is the largest.
fn whole(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').map_or((text, ""), |(whole, fraction)| (whole, fraction));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || (fraction.is_empty() && whole.len() < text.len()) {
        return None;
    }
    let number = whole.bytes().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    let has_more = fraction.bytes().any(|digit| digit != b'0');
    Some(number.saturating_add(has_more.into()).min(MAX_INTEGER))
}

/// An HTTP date in any of its three forms, in ms since the epoch.
fn date(text: &str) -> Option<u64> {
    let at = httpdate::parse_http_date(text).ok()?;
    let since: Duration = at.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

/// More than any server's answer has in one field, and enough for all that RFC 9651 demands of one.
const MAX_FIELD: usize = 64 << 10;
/// As an Integer of RFC 9651.
const MAX_INTEGER: u64 = 999_999_999_999_999;
/// In seconds: 2⁵³ µs, which every language counts exactly.
const MAX_WAIT: u64 = (1 << 53) / 1_000_000;
/// From here on a reset is an instant: no window has 31 years.
const EPOCH_SECONDS: u64 = 1_000_000_000;
/// From here on, one in ms: it is 1973 then, and in seconds the year 5138.
const EPOCH_MILLIS: u64 = 100_000_000_000;

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
