//! What is possible, and looks like a mistake: it is told, and nothing is changed.

use super::batch::{Batch, Timeline};
use super::column::Field;
use super::figures::Computed;
use super::targets::Targets;
use super::weighing::{Weighing, real};

pub(super) fn implausible(batch: &Batch, timeline: &Timeline, computed: &Computed, targets: &Targets) -> Vec<String> {
    let mut told = Vec::new();
    of_days(&mut told, batch, timeline);
    for weighing in &computed.weighings.all {
        told.extend(off_the_curve(*weighing, targets));
    }
    told.extend(jump(&computed.weighings.all));
    of_units(&mut told, timeline, computed);
    let value = |id: &str| computed.figures.iter().find(|kpi| kpi.id == id).and_then(|kpi| kpi.value);
    if let Some(difference) = value("inventory.v1").filter(|difference| *difference < 0.0) {
        told.push(format!("{} animals more were lost and sold than came: look at the counts of those placed and sold", -difference));
    }
    told
}

fn of_days(told: &mut Vec<String>, batch: &Batch, timeline: &Timeline) {
    for line in batch.repeated.iter().take(SHOWN) {
        told.push(format!("line {line}: a day stands twice; both rows are added"));
    }
    if batch.repeated.len() > SHOWN {
        told.push(format!("{} more rows stand for a day that another row told before", batch.repeated.len() - SHOWN));
    }
    let gaps = timeline.gaps();
    for (from, to) in gaps.iter().take(SHOWN) {
        told.push(if from == to { format!("no row for day {from}") } else { format!("no row for day {from} to day {to}") });
    }
    if gaps.len() > SHOWN {
        told.push(format!("{} more gaps between the days", gaps.len() - SHOWN));
    }
    for field in [Field::Dead, Field::Culled, Field::Feed, Field::Water, Field::Eggs] {
        let untold: Vec<u64> = timeline.untold(field).into_iter().filter(|day| timeline.days.contains_key(day)).collect();
        if let Some(first) = untold.first() {
            let more = if untold.len() > 1 { format!(" and {} more days", untold.len() - 1) } else { String::new() };
            told.push(format!(
                "no {} on day {first}{more}, where the other days have it: an empty cell is missing, not 0",
                field.as_str().replace('_', " ")
            ));
        }
    }
    if timeline.lost_before {
        told.push("animals were lost before any were placed: they are counted on the first day".to_owned());
    }
    if timeline.counts_without_day {
        told.push("rows without a date, day or week tell animals: they are counted on the first day".to_owned());
    }
    if timeline.weights_without_day {
        told.push("rows without a date, day or week tell weights: they are left out".to_owned());
    }
}

fn off_the_curve(weighing: Weighing, targets: &Targets) -> Option<String> {
    let Weighing { day, mean_g, .. } = weighing;
    let wanted = targets.growth.at(real(day)).filter(|wanted| *wanted > 0.0)?;
    let off = mean_g / wanted;
    let told = format!("day {day}: a mean weight of {mean_g:.0} g, where the target is {wanted:.0} g");
    if (300.0..3000.0).contains(&off) {
        Some(format!("{told}: about 1000 times as much; is the column in g, and read as kg?"))
    } else if off < 1.0 / 300.0 {
        Some(format!("{told}: about a thousandth; is the column in kg, and read as g?"))
    } else if !(0.5..=1.5).contains(&off) {
        Some(format!("{told}: more than 50 % off the curve"))
    } else {
        None
    }
}

/// A weighing that is a tenth less than the one before, or more than six times as much, within ten days: animals grow.
fn jump(weighings: &[Weighing]) -> Option<String> {
    weighings.windows(2).find_map(|pair| match pair {
        [before, after] if after.day - before.day <= 10 && !(0.9..=6.0).contains(&(after.mean_g / before.mean_g)) => {
            Some(format!("from day {} to day {} the mean weight goes from {:.0} g to {:.0} g", before.day, after.day, before.mean_g, after.mean_g))
        }
        _ => None,
    })
}

/// Amounts that only fit each other in another unit: g against kg, t against kg.
fn of_units(told: &mut Vec<String>, timeline: &Timeline, computed: &Computed) {
    let sum = |field: Field| timeline.days.values().filter_map(|day| day.amount(field)).fold(0.0, |sum, amount| sum + real(amount));
    let each = |mass: Field, heads: Field| Some(sum(mass) / sum(heads)).filter(|each| each.is_finite() && *each > 0.0);
    let last = computed.weighings.all.last().map(|weighing| weighing.mean_g).filter(|mean| *mean > 0.0);
    let sold = each(Field::LiveWeightOut, Field::Sold);
    if let (Some(sold), Some(last)) = (sold, last)
        && !(0.1..=10.0).contains(&(sold / last))
    {
        told.push(format!("those sold weigh {sold:.0} g each, and those of the last weighing {last:.0} g: {}", factor(sold / last)));
    }
    let heaviest = computed.weighings.all.iter().map(|weighing| weighing.mean_g).chain(sold).fold(0.0, f64::max);
    if heaviest > 3_000_000.0 {
        told.push(format!("an animal of {:.0} kg: is a weight in g, and read as kg, or in kg, and read as t?", heaviest / 1000.0));
    }
    let value = |id: &str| computed.figures.iter().find(|kpi| kpi.id == id).and_then(|kpi| kpi.value);
    if let Some(fcr) = value("fcr.live_weight.v1")
        && !(0.3..=20.0).contains(&fcr)
    {
        told.push(format!("a feed conversion of {fcr:.3}: {}", factor(fcr / 2.0)));
    }
    // Young animals eat a tenth of their weight a day, and none eats half of it.
    if let (Some(daily), Some(last)) = (value("adfi.v1").filter(|daily| *daily > 0.0), last)
        && !(0.001..=0.5).contains(&(daily / last))
    {
        told.push(format!("{daily:.1} g of feed a day for animals of {last:.0} g: {}", factor(daily / last / 0.05)));
    }
    if let Some(egg) = each(Field::EggMass, Field::Eggs).filter(|egg| !(5.0..=2000.0).contains(egg)) {
        told.push(format!("an egg of {egg:.3} g: {}", factor(egg / 60.0)));
    }
    if let Some(feed) = value("feed_per_dozen.v1").filter(|feed| *feed > 0.0 && !(100.0..=20_000.0).contains(feed)) {
        told.push(format!("{feed:.1} g of feed for a dozen eggs: {}", factor(feed / 1500.0)));
    }
}

fn factor(off: f64) -> &'static str {
    if (200.0..5000.0).contains(&off) || (0.0002..0.005).contains(&off) {
        "about 1000 times apart; look at the units (g against kg, kg against t)"
    } else {
        "look at the units and the amounts"
    }
}

const SHOWN: usize = 5;
