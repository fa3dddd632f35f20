//! Space, water and cost.

use super::result::{Kpi, Unit};
use super::units::{AreaCm2, Eggs, MassG, Money, VolumeMl};

/// `density.v1`: 10 · weight / area, in kilograms a square metre. Undefined without area.
///
/// ```
/// use gatewright::kpi::{self, AreaCm2, MassG};
///
/// assert_eq!(kpi::density(MassG(39_000), AreaCm2(10_000)).value, Some(39.0));
/// ```
#[must_use]
pub fn density(live_weight: MassG, area: AreaCm2) -> Kpi {
    Kpi::quotient("density.v1", Unit::KgPerM2, 10 * i128::from(live_weight.0), area.0.into())
}

/// `water_feed.v1`: millilitres of water for a gram of feed, a ratio. Undefined without feed.
///
/// ```
/// use gatewright::kpi::{self, MassG, VolumeMl};
///
/// assert_eq!(kpi::water_feed(VolumeMl(1800), MassG(1000)).value, Some(1.8));
/// ```
#[must_use]
pub fn water_feed(water: VolumeMl, feed: MassG) -> Kpi {
    Kpi::quotient("water_feed.v1", Unit::Ratio, water.0.into(), feed.0.into())
}

/// What feed was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Weight: the cost is given for a kilogram.
    Weight(MassG),
    /// Eggs: the cost is given for a dozen.
    Eggs(Eggs),
}

/// `feed_cost.v1`: the cost of feed in minor units for a kilogram or a dozen. Undefined where nothing was made.
///
/// ```
/// use gatewright::kpi::{self, Eggs, MassG, Money, Product};
///
/// assert_eq!(kpi::feed_cost(Money(120), Product::Weight(MassG(2000))).value, Some(60.0));
/// assert_eq!(kpi::feed_cost(Money(120), Product::Eggs(Eggs(24))).value, Some(60.0));
/// ```
#[must_use]
pub fn feed_cost(cost: Money, product: Product) -> Kpi {
    let cost = i128::from(cost.0);
    match product {
        Product::Weight(weight) => Kpi::quotient("feed_cost.v1", Unit::MinorUnitsPerKg, 1000 * cost, weight.0.into()),
        Product::Eggs(eggs) => Kpi::quotient("feed_cost.v1", Unit::MinorUnitsPerDozen, 12 * cost, eggs.0.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::Reason;

    #[test]
    fn units_follow_the_product_and_nothing_made_is_no_cost() {
        assert_eq!(feed_cost(Money(1), Product::Eggs(Eggs(12))).unit, Unit::MinorUnitsPerDozen);
        assert_eq!(feed_cost(Money(1), Product::Weight(MassG(1))).unit, Unit::MinorUnitsPerKg);
        let none = [
            density(MassG(1), AreaCm2(0)),
            water_feed(VolumeMl(1), MassG(0)),
            feed_cost(Money(1), Product::Weight(MassG(0))),
            feed_cost(Money(1), Product::Eggs(Eggs(0))),
        ];
        assert!(none.iter().all(|kpi| kpi.value.is_none() && kpi.reason == Some(Reason::ZeroDenominator)));
    }
}
