//! Policies that most services need.
//!
//! | preset | tiers | subject | the store is down |
//! |---|---|---|---|
//! | `tenant` | token buckets: 100 a minute, 5,000 an hour, 100,000 a day | exact | local |
//! | `strict` | the same with a tenth of the burst a minute, and sliding windows an hour and a day | exact | local |
//! | `login` | sliding log: 5 in 15 minutes | email | deny |
//! | `login_ip` | token buckets: 30 a minute, 300 an hour | ip | deny |
//! | `password_reset` | sliding log: 3 an hour | email | deny |
//! | `email` | sliding log: 5 an hour; calendar: 20 a day | email | deny |
//! | `outbound` | token bucket: 10 a second, with reservations up to 30 s; refundable | exact | local |

use std::time::Duration;

use super::calendar::{Calendar, Unit};
use super::gcra::Rate;
use super::log::SlidingLog;
use super::policy::{DEFAULT_MAX_KEYS, Inherit, LimitPolicy, OnFull, OnStoreError};
use super::rule::Rule;
use super::subject::SubjectForm;
use super::tier::Tier;
use super::window::SlidingWindow;

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A policy under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Preset {
    /// Messages to one address: 5 an hour, 20 a day.
    Email,
    /// Failed logins of one account: 5 in 15 minutes.
    Login,
    /// Failed logins from one address or network, looser: many people may share it.
    LoginIp,
    /// Calls to a provider: 10 a second, waiting in turn. Give tiers of your own where the provider says another rate.
    Outbound,
    /// Password resets of one account: 3 an hour.
    PasswordReset,
    /// As `tenant`, but no minute, hour or day admits about twice its limit.
    Strict,
    /// 100 a minute, 5,000 an hour, 100,000 a day. A full bucket admits its burst at once: up to twice the limit in one closed period.
    Tenant,
}

impl Preset {
    /// Every preset by its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("tenant", Self::Tenant),
        ("strict", Self::Strict),
        ("login", Self::Login),
        ("login_ip", Self::LoginIp),
        ("password_reset", Self::PasswordReset),
        ("email", Self::Email),
        ("outbound", Self::Outbound),
    ];

    pub(super) fn policy(self, id: String) -> LimitPolicy {
        let local = LimitPolicy {
            id,
            tiers: self.tiers(),
            subject: SubjectForm::Exact,
            on_store_error: OnStoreError::Local(1.0),
            refundable: false,
            max_keys: DEFAULT_MAX_KEYS,
            on_full: OnFull::Evict,
            reserve_max_wait: None,
            inherit: Inherit::Proportional,
        };
        let guard = |subject, local| LimitPolicy { subject, on_store_error: OnStoreError::Deny, on_full: OnFull::Deny, ..local };
        match self {
            Self::Tenant | Self::Strict => local,
            Self::Login | Self::PasswordReset | Self::Email => guard(SubjectForm::Email, local),
            Self::LoginIp => guard(SubjectForm::Ip, local),
            Self::Outbound => LimitPolicy { refundable: true, reserve_max_wait: Some(Duration::from_secs(30)), ..local },
        }
    }

    fn tiers(self) -> Vec<Tier> {
        match self {
            Self::Tenant => vec![bucket("minute", 100, MINUTE, 100), bucket("hour", 5_000, HOUR, 5_000), bucket("day", 100_000, DAY, 100_000)],
            Self::Strict => vec![bucket("minute", 100, MINUTE, 10), window("hour", 5_000, HOUR), window("day", 100_000, DAY)],
            Self::Login => vec![log("quarter", 5, 15 * MINUTE)],
            Self::LoginIp => vec![bucket("minute", 30, MINUTE, 30), bucket("hour", 300, HOUR, 300)],
            Self::PasswordReset => vec![log("hour", 3, HOUR)],
            Self::Email => vec![log("hour", 5, HOUR), Tier::known("day", Rule::Calendar(Calendar::new(20, Unit::Day, 0)))],
            Self::Outbound => vec![bucket("second", 10, SECOND, 10)],
        }
    }
}

fn bucket(id: &str, limit: u32, period: u64, burst: u32) -> Tier {
    Tier::known(id, Rule::TokenBucket(Rate::new(limit, period, burst)))
}

fn log(id: &str, limit: u32, period: u64) -> Tier {
    Tier::known(id, Rule::SlidingLog(SlidingLog::new(limit, period.cast_signed())))
}

fn window(id: &str, limit: u32, period: u64) -> Tier {
    Tier::known(id, Rule::SlidingWindow(SlidingWindow::new(limit, period.cast_signed())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_policy_that_a_document_could_have() {
        for (name, preset) in Preset::ALL {
            let policy = LimitPolicy::preset(name, preset);
            for tier in &policy.tiers {
                let rebuilt = match (tier.rule(), tier.period()) {
                    (Rule::TokenBucket(_), Some(period)) => {
                        Tier::token_bucket(tier.id(), tier.limit(), period).and_then(|built| built.with_burst(tier.burst()))
                    }
                    (Rule::SlidingLog(_), Some(period)) => Tier::sliding_log(tier.id(), tier.limit(), period),
                    (Rule::SlidingWindow(_), Some(period)) => Tier::sliding_window(tier.id(), tier.limit(), period),
                    _ => Tier::calendar(tier.id(), tier.limit(), Unit::Day, 0),
                };
                assert_eq!(rebuilt.as_ref(), Ok(tier), "{name}");
            }
            assert_eq!(policy.reserve_max_wait.is_some(), preset == Preset::Outbound);
            assert!(policy.reserve_max_wait.is_none() || policy.is_all_buckets());
            assert!(LimitPolicy::new(name, policy.tiers.clone()).is_ok());
        }
    }
}
