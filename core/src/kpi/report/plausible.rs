//! What is possible, and looks like a mistake: it is told, and nothing is changed.

use super::batch::Batch;
use super::figures::Computed;
use super::targets::Targets;

pub(super) fn implausible(batch: &Batch, computed: &Computed, targets: &Targets) -> Vec<String> {
    let mut told = Vec::new();
    for (line, _) in batch.repeated.iter().take(3) {
        told.push(format!("line {line}: a day stands twice; both rows are added"));
    }
    if batch.repeated.len() > 3 {
        told.push(format!("{} more days stand twice", batch.repeated.len() - 3));
    }
    if batch.is_daily() {
        let days: Vec<u64> = batch.by_day().into_iter().map(|(day, _)| day).collect();
        for gap in days.windows(2) {
            if let [before, after] = gap
                && after - before > 1
            {
                told.push(format!("no row for day {} to day {}", before + 1, after - 1));
            }
        }
        told.truncate(MAX_GAPS);
    }
    for weighing in &computed.growth {
        let Some(wanted) = targets.growth.at(day(weighing.day)).filter(|wanted| *wanted > 0.0) else { continue };
        let off = weighing.mean_g / wanted;
        if (300.0..3000.0).contains(&off) {
            told.push(format!(
                "day {}: a mean weight of {} g is about 1000 times its target: grams were read as kilograms",
                weighing.day, weighing.mean_g
            ));
        } else if off < 1.0 / 300.0 {
            told.push(format!(
                "day {}: a mean weight of {} g is about a thousandth of its target: kilograms were read as grams",
                weighing.day, weighing.mean_g
            ));
        } else if !(0.5..=1.5).contains(&off) {
            told.push(format!("day {}: the mean weight is more than 50 % off the curve", weighing.day));
        }
    }
    let value = |id: &str| computed.figures.iter().find(|kpi| kpi.id == id).and_then(|kpi| kpi.value);
    if let Some(fcr) = value("fcr.live_weight.v1")
        && !(0.3..=20.0).contains(&fcr)
    {
        told.push(format!("a feed conversion of {fcr:.3}: one of feed and live weight may be in another unit (kg for t, or g for kg)"));
    }
    if let Some(weights) = heaviest_jump(computed) {
        told.push(weights);
    }
    told
}

/// A weighing that is less than half, or more than five times, the one before within ten days.
fn heaviest_jump(computed: &Computed) -> Option<String> {
    let jump = computed.growth.windows(2).find_map(|pair| match pair {
        [before, after] if after.day - before.day <= 10 => {
            let by = after.mean_g / before.mean_g;
            (!(0.5..=5.0).contains(&by)).then_some((before, after))
        }
        _ => None,
    });
    jump.map(|(before, after)| {
        format!("from day {} to day {} the mean weight goes from {} g to {} g", before.day, after.day, before.mean_g, after.mean_g)
    })
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a day")]
fn day(day: u64) -> f64 {
    day as f64
}

const MAX_GAPS: usize = 10;
