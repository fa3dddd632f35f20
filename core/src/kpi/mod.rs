//! Figures of livestock and operations, each with a definition that has an id, a unit and exact arithmetic. No figure needs a gate, and
//! none does I/O. `docs/kpi.md` has the table of all.
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

mod argument;
mod cohort;
mod daily;
mod definition;
mod density;
mod eggs;
mod evaluate;
mod feed;
mod growth;
mod head_days;
mod health;
mod histogram;
mod json;
mod moments;
mod percentile;
mod production;
mod rates;
pub mod report;
mod result;
mod sample;
mod selection;
mod student;
mod sum;
mod summary;
mod survival;
mod target;
mod uniformity;
mod units;
mod wide;

pub use argument::{Argument, Arguments};
pub use cohort::{Member, Named, Norms, Ranked, Weight, norm_min_max, rank, score_composite};
pub use daily::{DailyLosses, mortality_cumulative_daily, mortality_first_week};
pub use definition::{Definition, definition};
pub use density::{Product, density, feed_cost, water_feed};
pub use eggs::{egg_mass_per_hen_day, eggs_per_hen_housed, hen_day, hen_housed};
pub use evaluate::{Evaluated, METHODS, evaluate};
pub use feed::{Closeout, adfi, fcr_biological, fcr_closeout, fcr_corrected, fcr_egg_mass, fcr_live_weight, fcr_mortality_adjusted, feed_per_dozen};
pub use growth::{adg_from_zero, adg_group, adg_net, sgr};
pub use head_days::{DayCount, Movement, head_days_daily_mean, head_days_exits, mean_head_day_weighted};
pub use health::health_farm;
pub use histogram::{Histogram, HistogramSnapshot};
pub use json::{evaluate_json, evaluate_sample_json};
pub use moments::{FloatMoments, Moments, Spread};
pub use percentile::{percentile_linear, percentile_nearest_rank};
pub use production::{Fcr, ebi, epef, epef_flocks};
pub use rates::{availability, error_rate};
pub use result::{Basis, Kpi, Reason, Status, Unit, Warning};
pub use sample::{Sample, Values};
pub use student::t_quantile_975;
pub use summary::Summary;
pub use survival::{Census, Inventory, cull, inventory, loss, mortality, mortality_per_1000_head_weeks, survival, survival_at_risk};
pub use target::{Comparable, Quantity, deviation, deviation_of};
pub use uniformity::{cv, uniformity_band, uniformity_from_cv, uniformity_score, weight_mean};
pub use units::{AreaCm2, Days, Eggs, Fraction, GramsPerDay, HeadDays, Heads, MassG, MassMg, Money, VolumeMl};

/// The page on figures, so that its examples run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/kpi.md")]
struct Page;
