//! Figures of livestock, each with a definition that has an id, a unit and exact arithmetic. The domain is begun.
//!
//! There are survival and losses ([`survival()`], [`survival_at_risk`], [`mortality`], [`cull`], [`loss`],
//! [`mortality_per_1000_head_weeks`]), feed ([`adfi`], [`fcr_live_weight`], [`fcr_closeout`], [`fcr_mortality_adjusted`],
//! [`fcr_egg_mass`], [`feed_per_dozen`], [`feed_cost`], [`water_feed`]), growth ([`adg_net`], [`adg_from_zero`], [`adg_group`]),
//! uniformity ([`cv`], [`uniformity_score`]), [`percentile_linear`], [`density()`], [`health_farm`], [`error_rate`] and [`availability`],
//! eggs ([`hen_day`], [`eggs_per_hen_housed`], [`egg_mass_per_hen_day`]), the moments of integers ([`Moments`]) and of doubles
//! ([`FloatMoments`]), and Student's t ([`t_quantile_975`]). No figure does I/O.
//!
//! Too little data, or a denominator of 0, is no error: the figure is `undefined` and says why. An error is what cannot be: more
//! animals lost than came, a number that is none.
//!
//! ```
//! use gatewright::kpi::{self, MassG};
//!
//! let fcr = kpi::fcr_live_weight(MassG(180), MassG(202));
//! assert_eq!((fcr.id, fcr.num, fcr.den), ("fcr.live_weight.v1", Some(180), Some(202)));
//! ```

mod density;
mod eggs;
mod feed;
mod growth;
mod health;
mod moments;
mod percentile;
mod rates;
mod result;
mod student;
mod survival;
mod uniformity;
mod units;
mod wide;

pub use density::{Product, density, feed_cost, water_feed};
pub use eggs::{egg_mass_per_hen_day, eggs_per_hen_housed, hen_day};
pub use feed::{Closeout, adfi, fcr_closeout, fcr_egg_mass, fcr_live_weight, fcr_mortality_adjusted, feed_per_dozen};
pub use growth::{adg_from_zero, adg_group, adg_net};
pub use health::health_farm;
pub use moments::{FloatMoments, Moments, Spread};
pub use percentile::percentile_linear;
pub use rates::{availability, error_rate};
pub use result::{Basis, Kpi, Reason, Status, Unit, Warning};
pub use student::t_quantile_975;
pub use survival::{Inventory, cull, loss, mortality, mortality_per_1000_head_weeks, survival, survival_at_risk};
pub use uniformity::{Weights, cv, uniformity_score};
pub use units::{AreaCm2, Days, Eggs, Fraction, HeadDays, Heads, MassG, Money, VolumeMl};
