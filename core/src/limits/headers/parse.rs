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
    /// The limits that are told of, in the server's order. At most 64.
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
pub const LIMIT_HEADERS: [&str; 10] = [
    "date",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// Reads what an answer says of its server's limits, for the client: `Retry-After`, in seconds or as an HTTP date; `RateLimit` and
/// `RateLimit-Policy` of the drafts 8 to 11 and of draft 7; `RateLimit-Limit`, `-Remaining` and `-Reset` of the drafts before; and
/// `X-RateLimit-*`. Where an answer has several families, the newest that can be read is told. What cannot be read is ignored, never
/// an error: any list of headers gives an answer.
///
/// `now` is when the answer came. Instants are taken relative to its `Date`, if it has one, so that this host's clock need not
/// agree with the server's. An `X-RateLimit-Reset` below 10⁹ is in seconds from now, up to 10¹¹ in seconds since the epoch, else in
/// milliseconds since then. Fractions are rounded up. Of several `Retry-After` the longest counts. A field of more than 16 KiB is ignored.
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
    let mut limits = [Answer::named, Answer::unnamed, Answer::separate, Answer::legacy]
        .into_iter()
        .map(|family| family(&answer))
        .find(|limits| !limits.is_empty())
        .unwrap_or_default();
    limits.truncate(MAX_LIMITS);
    let used_up = limits.iter().filter(|limit| limit.remaining == Some(0)).filter_map(|limit| limit.reset_s).max();
    let wait = answer.retry_after().or(used_up).unwrap_or(0);
    ServerLimits { wait_us: i64::try_from(wait.min(MAX_WAIT)).unwrap_or(0) * 1_000_000, limits }
}

struct Answer<'a> {
    headers: &'a [(String, Vec<u8>)],
    now: Timestamp,
}

impl<'a> Answer<'a> {
    fn lines(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_ascii())
    }

    /// The lines of a field as one.
    fn field(&self, name: &'static str) -> Option<Vec<u8>> {
        let mut field = Vec::new();
        for line in self.lines(name).filter(|line| !line.is_empty()) {
            if field.len() + line.len() > MAX_FIELD {
                return None;
            }
            if !field.is_empty() {
                field.extend_from_slice(b", ");
            }
            field.extend_from_slice(line);
        }
        (!field.is_empty()).then_some(field)
    }

    fn text(&self, name: &'static str) -> Option<String> {
        String::from_utf8(self.field(name)?).ok()
    }

    /// Drafts 8 to 11: named policies, and what remains of them.
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

    /// `X-RateLimit-*`.
    fn legacy(&self) -> Vec<ServerLimit> {
        let number = |field: &'static str| self.text(field).and_then(|text| whole(text.split(',').next()?));
        let (quota, remaining) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining"));
        let reset_s = number("x-ratelimit-reset").map(|reset| match reset {
            0..EPOCH_SECONDS => reset,
            EPOCH_SECONDS..EPOCH_MILLIS => self.until(reset.saturating_mul(1_000)),
            _ => self.until(reset),
        });
        if (quota, remaining, reset_s) == (None, None, None) {
            return Vec::new();
        }
        vec![ServerLimit { quota, remaining, reset_s, ..ServerLimit::default() }]
    }

    /// The longest that can be read.
    fn retry_after(&self) -> Option<u64> {
        let seconds = |line: &[u8]| {
            let text = std::str::from_utf8(line).ok().filter(|text| text.len() <= MAX_LINE)?;
            whole(text).or_else(|| Some(self.until(date(text)?)))
        };
        self.lines("retry-after").filter_map(seconds).max()
    }

    /// Seconds from the answer to an instant in ms since the epoch, rounded up; 0 if it is past.
    fn until(&self, millis: u64) -> u64 {
        let sent = self.lines("date").next().and_then(|line| date(std::str::from_utf8(line).ok()?));
        let now = sent.unwrap_or_else(|| u64::try_from(self.now.as_millis()).unwrap_or(0));
        millis.saturating_sub(now).div_ceil(1_000)
    }
}

fn limit(name: &str, item: &Item) -> ServerLimit {
    let bytes = |value: &Bare| if let Bare::Bytes(bytes) = value { Some(bytes.clone()) } else { None };
    ServerLimit {
        name: name.to_owned(),
        quota: item.count("q"),
        window_s: item.count("w"),
        remaining: item.count("r"),
        reset_s: item.count("t"),
        unit: item.parameter("qu").and_then(Bare::text).map(str::to_owned),
        partition_key: item.parameter("pk").and_then(bytes),
    }
}

/// A number of 0 or more, rounded up; one that is too large is the largest.
fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
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

const MAX_LIMITS: usize = 64;
const MAX_FIELD: usize = 16 << 10;
/// Of a `Retry-After`.
const MAX_LINE: usize = 64;
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
