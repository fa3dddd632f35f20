//! How many animals were there on each day.

use std::ops::RangeInclusive;

use super::batch::Timeline;
use super::column::Field;
use super::day::Day;
use super::weighing::{Weighings, real};
use crate::kpi::DayCount;

/// The animals of a batch, day by day.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Presence {
    /// For `head_days.daily_mean.v1`.
    pub(super) counts: Vec<Option<DayCount>>,
    /// Day, and the share of the animals placed that had died by its end.
    pub(super) mortality: Vec<(u64, f64)>,
    /// Day, and eggs by the hens of that day or week, where the table tells eggs.
    pub(super) laying: Vec<(u64, f64)>,
    /// Who is there at the end.
    pub(super) left: u64,
    /// The greatest weight in g that was there at a time.
    pub(super) fullest_g: Option<u64>,
}

/// The animals of each day; why not, where more are lost than there are. `placed` are those of all days.
pub(super) fn presence(timeline: &Timeline, placed: u64, weighings: &Weighings) -> Result<Presence, String> {
    let mut out = Presence::default();
    let (mut present, mut dead, mut fullest) = (0_u64, 0_u64, None::<f64>);
    let periods = periods(timeline);
    for Period { first, days, rows, day } in &periods {
        let start = present.saturating_add(day.placed);
        let gone = [day.dead, day.culled, day.moved_out, day.sold].into_iter().try_fold(0_u64, u64::checked_add);
        let end = gone.and_then(|gone| start.saturating_add(day.moved_in).checked_sub(gone)).ok_or_else(|| {
            let line = if day.line > 0 { format!(" (line {})", day.line) } else { String::new() };
            format!("day {first}: more animals were lost and sold than were there{line}; head-days and what rests on them are left out")
        })?;
        out.counts.extend((0..*days).map(|_| Some(DayCount { start, end, moved_in: day.moved_in })));
        dead = dead.saturating_add(day.dead);
        let last = first.saturating_add(days.saturating_sub(1));
        let shown_at = if *days > 1 { last + 1 } else { last };
        if placed > 0 {
            out.mortality.push((shown_at, real(dead) / real(placed)));
        }
        let hen_days = real(*days) * f64::midpoint(real(start), real(end));
        if day.told.has(Field::Eggs) && hen_days > 0.0 {
            out.laying.push((shown_at, real(day.eggs) / hen_days));
        }
        let each = (day.sold > 0 && day.live_weight_out_g > 0).then(|| real(day.live_weight_out_g) / real(day.sold));
        let weighed = weighings.all.iter().find(|weighing| rows.contains(&weighing.day)).map(|weighing| weighing.mean_g);
        if let Some(each) = each.or(weighed) {
            let there = each * real(start.saturating_add(day.moved_in));
            fullest = Some(fullest.map_or(there, |most| most.max(there)));
        }
        present = end;
    }
    out.left = present;
    out.fullest_g = fullest.map(rounded);
    Ok(out)
}

/// Days, or weeks where rows are weeks: of a week only its start and its end are known, which count for each of its days.
struct Period {
    first: u64,
    days: u64,
    /// Days by which its rows are known.
    rows: RangeInclusive<u64>,
    day: Day,
}

fn periods(timeline: &Timeline) -> Vec<Period> {
    let (first, last) = (timeline.first(), timeline.last());
    if !timeline.is_weekly {
        return (first..=last)
            .map(|at| Period { first: at, days: 1, rows: at..=at, day: timeline.days.get(&at).cloned().unwrap_or_default() })
            .collect();
    }
    let week_of = |day: u64| day.div_ceil(7).max(1);
    (week_of(first)..=week_of(last))
        .map(|week| {
            let start = 7 * (week - 1);
            let from = if week == 1 { 0 } else { start + 1 };
            let mut day = Day::default();
            let rows = from..=start + 7;
            timeline.days.range(rows.clone()).for_each(|(_, told)| day.merge(told));
            Period { first: start, days: 7, rows, day }
        })
        .collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "a weight of 0 or more, cut at 2^64")]
pub(super) fn rounded(number: f64) -> u64 {
    number.round() as u64
}
