//! Tables as farms write them, and what a report makes of them. The numbers are worked by hand beside each.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use gatewright::kpi::report::{BatchReport, ReadOptions, Report, Reporter, Table, Targets};

fn report_with(text: &str, targets: Targets) -> Report {
    let mut table = Table::open(text.as_bytes(), &ReadOptions::default()).unwrap();
    let mut reporter = Reporter::new(targets);
    while let Some(entry) = table.next_entry().unwrap() {
        reporter.add_entry(entry).unwrap();
    }
    reporter.finish().unwrap()
}

fn report(text: &str) -> Report {
    report_with(text, Targets::default())
}

fn value(batch: &BatchReport, id: &str) -> Option<f64> {
    batch.figure(id).unwrap_or_else(|| panic!("no {id}: {:?}", batch.incomplete)).kpi.value
}

fn warns(batch: &BatchReport, id: &str) -> bool {
    batch.figure(id).unwrap().kpi.warnings.iter().any(|warning| warning.as_str() == "input_missing")
}

fn tells(list: &[String], part: &str) -> bool {
    list.iter().any(|told| told.contains(part))
}

/// 200 hens, 4 die on day 11, 10 come on day 15 of 31 days (0 to 30): 6277 hen-days by the mean of each day's start and end (kpi.md).
#[test]
fn layers_of_a_table_of_events_have_hen_days_and_no_gaps() {
    let text = "batch,species,day,placed,moved_in,dead,eggs,egg_mass_kg,feed_kg,cost_eur\n\
                H,layers,0,200,,,,,700,210\nH,layers,11,,,4,,,,\nH,layers,15,,10,,,,,\nH,layers,30,,,,5649,338.94,,\n";
    let report = report(text);
    let hens = &report.batches[0];
    assert_eq!(value(hens, "head_days.daily_mean.v1"), Some(6277.0));
    assert_eq!(value(hens, "hen_day.v1"), Some(5649.0 / 6277.0));
    assert_eq!(value(hens, "hen_housed.v1"), Some(5649.0 / (200.0 * 31.0)));
    assert_eq!(value(hens, "eggs_per_hen_housed.v1"), Some(28.245));
    assert_eq!(value(hens, "feed_per_dozen.v1"), Some(12.0 * 700_000.0 / 5649.0));
    assert_eq!(value(hens, "fcr.egg_mass.v1"), Some(700_000.0 / 338_940.0));
    assert_eq!(value(hens, "egg_mass_per_hen_day.v1"), Some(338_940.0 / 6277.0));
    assert_eq!(hens.figure("feed_cost.v1").unwrap().kpi.unit.as_str(), "minor_units_per_dozen");
    assert!(hens.figure("epef.v1").is_none() && hens.implausible.is_empty(), "{:?}", hens.implausible);
}

/// Weeks: 100 hens, 7 die in the first week, 7 in the second: (100 + 93)/2 × 7 + (93 + 86)/2 × 7 = 1302 hen-days.
#[test]
fn weeks_count_their_start_and_end_for_each_of_their_days() {
    let report = report("batch,week,placed,dead,eggs,weights_g\nH,1,100,7,600,1500 1520\nH,2,,7,560,1600 1640\n");
    let hens = &report.batches[0];
    assert_eq!(value(hens, "head_days.daily_mean.v1"), Some(1302.0));
    assert_eq!(value(hens, "hen_day.v1"), Some(1160.0 / 1302.0));
    assert_eq!(value(hens, "hen_housed.v1"), Some(1160.0 / 1400.0));
    assert_eq!(hens.growth.iter().map(|weighing| (weighing.day, weighing.mean_g)).collect::<Vec<_>>(), [(7, 1510.0), (14, 1620.0)]);
    assert_eq!(hens.mortality, [(7, 0.07), (14, 0.14)]);
}

/// Pigs: 100 of 30 kg in, 2 die on day 40, 98 of 120 kg go on day 100.
/// Head-days: 40 × 100 + 99 + 59 × 98 + 49 = 9930; gain of the group (98 × 120 − 100 × 30) kg / 9930.
#[test]
fn pigs_have_figures_of_the_group_and_no_broiler_factor() {
    let text = "batch;species;date;placed;dead;sold;live_weight_out_kg;feed_kg;weight_kg\n\
                P;Mastschweine;01.03.2026;100;;;;;30\nP;Mastschweine;10.04.2026;;2;;;;\nP;Mastschweine;09.06.2026;;;98;11.760;24.000,5;\n";
    let report = report(text);
    let pigs = &report.batches[0];
    assert_eq!((report.problem_count, pigs.age), (0, Some(100)));
    assert_eq!(value(pigs, "head_days.daily_mean.v1"), Some(9930.0));
    assert_eq!(value(pigs, "adg.group.v1"), Some(8_760_000.0 / 9930.0));
    assert_eq!(value(pigs, "adfi.v1"), Some(24_000_500.0 / 9930.0));
    assert_eq!(value(pigs, "fcr.closeout.v1"), Some(24_000_500.0 / 8_760_000.0));
    assert_eq!(value(pigs, "mortality.per_1000_head_weeks.v1"), Some(14_000.0 / 9930.0));
    assert!(pigs.figure("epef.v1").is_none() && pigs.figure("ebi.v1").is_none());
}

/// Fish: 1000 of 20 g, 100 die on day 50 when the line between the weighings is at 110 g; 900 of 200 g are there on day 100.
/// Biomass 20 kg in, 180 kg there, 11 kg dead: 205.2 / 171 = 1.2.
#[test]
fn fish_have_a_growth_rate_and_the_conversion_of_their_biomass() {
    let report = report("batch,species,day,placed,dead,feed_kg,weights_g\nF,trout,0,1000,,205.2,20\nF,trout,50,,100,,\nF,trout,100,,,,200\n");
    let fish = &report.batches[0];
    assert_eq!(value(fish, "fcr.biological.v1"), Some(1.2));
    let rate = value(fish, "sgr.v1").unwrap();
    assert!((rate - 100.0 * (10_f64).ln() / 100.0).abs() < 1e-12, "{rate}");
    assert!(fish.figure("adg.from_zero.v1").is_none());
}

/// Two loads: 400 at 35 days and 500 at 40: the age is (400 × 35 + 500 × 40) / 900 = 37.78 days, not 38.
#[test]
fn the_age_of_several_loads_is_weighted_by_heads_and_not_rounded() {
    let report = report("batch,day,placed,dead,sold,live_weight_out_kg,feed_kg\nA,0,1000,100,,,3420\nA,35,,,400,880,\nA,40,,,500,1100,\n");
    let batch = &report.batches[0];
    // Every bird weighs 2200 g; survival 0.9; conversion 3420 / 1980.
    let (age, fcr) = (34_000.0 / 900.0, 3_420_000.0 / 1_980_000.0);
    assert_eq!(value(batch, "adg.from_zero.v1"), Some(2200.0 / age));
    let expected = 0.9 * 100.0 * 2.2 / (age * fcr) * 100.0;
    let epef = value(batch, "epef.v1").unwrap();
    assert!((epef - expected).abs() < 1e-9, "{epef} {expected}");
    assert_eq!(value(batch, "inventory.v1"), Some(0.0));
}

#[test]
fn feed_that_came_before_the_animals_is_eaten_by_them() {
    let report = report(
        "batch,date,placed,dead,sold,live_weight_out_kg,feed_kg\nA,2026-01-10,,,,,1000\nA,2026-01-12,1000,0,,,\nA,2026-02-16,,,1000,2000,2000\n",
    );
    let batch = &report.batches[0];
    assert_eq!((value(batch, "fcr.live_weight.v1"), batch.age), (Some(1.5), Some(35)));
}

#[test]
fn dates_and_days_of_life_can_stand_in_one_batch() {
    let text = "batch,date,day,placed,dead,weights_g\nA,2026-01-12,,1000,2,\nA,,7,,3,\nA,2026-01-26,,,4,500 510\n";
    let report = report(text);
    let batch = &report.batches[0];
    assert_eq!((report.problem_count, batch.age), (0, Some(14)));
    assert_eq!(batch.mortality[6..8], [(6, 0.002), (7, 0.005)]);
    assert_eq!(value(batch, "survival.v1"), Some(0.991));
}

#[test]
fn a_batch_without_any_time_has_the_figures_that_need_none() {
    let report = report("batch,placed,dead,sold,live_weight_out_kg,feed_kg\nA,1000,40,960,2112,3200\n");
    let batch = &report.batches[0];
    assert_eq!((value(batch, "survival.v1"), value(batch, "fcr.live_weight.v1")), (Some(0.96), Some(3_200_000.0 / 2_112_000.0)));
    for id in ["head_days.daily_mean.v1", "adfi.v1", "adg.from_zero.v1", "epef.v1"] {
        assert!(batch.figure(id).is_none(), "{id}");
    }
    assert!(tells(&batch.incomplete, "no row says a date") && batch.age.is_none());
}

#[test]
fn the_sum_under_a_batch_is_not_added_to_it() {
    let rows = "A,0,1000,3,100\nA,1,,2,110\nA,2,,1,120\n";
    for sum in ["A,,1000,6,330\n", "Total,,1000,6,330\n", "A,Total,1000,6,330\n", "Summe A:,,,6,330\n"] {
        let report = report(&format!("batch,day,placed,dead,feed_kg\n{rows}{sum}"));
        assert_eq!((value(&report.batches[0], "survival.v1"), report.problem_count), (Some(0.994), 0), "{sum}");
    }
}

/// A cell that cannot be read costs what rests on it its mark, and an ambiguous date the whole row.
#[test]
fn figures_that_lost_an_input_are_marked() {
    let text =
        "batch,date,placed,dead,sold,live_weight_out_kg,feed_kg\nA,2026-01-01,1000,1,,,100\nA,03/04/2026,,500,,,200\nA,2026-02-05,,2,990,2000,3k\n";
    let report = report(text);
    let batch = &report.batches[0];
    let places: Vec<_> = report.problems.iter().map(|problem| (problem.line, problem.column.as_deref().unwrap(), &*problem.text)).collect();
    assert_eq!(places, [(3, "date", "03/04/2026"), (4, "feed_kg", "3k")]);
    assert!(report.problems[0].reason.contains("2026-04-03 or 2026-03-04") && report.problems[0].effect.contains("left out"));
    assert_eq!(value(batch, "survival.v1"), Some(0.997));
    assert!(warns(batch, "survival.v1") && warns(batch, "fcr.live_weight.v1") && warns(batch, "epef.v1"));
    assert_eq!(batch.figure("fcr.live_weight.v1").unwrap().kpi.missing, 2);
}

#[test]
fn a_blank_where_most_days_have_a_number_is_missing_and_not_zero() {
    let mut text = "batch,day,placed,dead,feed_kg\n".to_owned();
    for day in 0..20 {
        let (placed, dead) = (if day == 0 { "1000" } else { "" }, if day == 3 { String::new() } else { (day % 3).to_string() });
        text.push_str(&format!("A,{day},{placed},{dead},{}\n", if day == 5 { "" } else { "12" }));
    }
    let report = report(&text);
    let batch = &report.batches[0];
    assert!(tells(&batch.implausible, "no dead on day 3") && tells(&batch.implausible, "no feed on day 5"), "{:?}", batch.implausible);
    assert_eq!(value(batch, "mortality.first_week.v1"), None);
    assert!(warns(batch, "adfi.v1") && warns(batch, "survival.v1"));
}

#[test]
fn what_looks_like_a_mistake_is_told() {
    let told = |text: &str| report(text).batches[0].implausible.clone();
    let days = "batch,day,placed,dead,feed_kg\nA,0,1000,1,50\nA,1,,1,60\nA,2,,1,60\nA,2,,1,60\nA,6,,1,60\nA,7,,1,60\nA,8,,1,60\n";
    assert!(tells(&told(days), "line 5: a day stands twice") && tells(&told(days), "no row for day 3 to day 5"), "{:?}", told(days));
    // Two things of one day on two lines are no day twice.
    assert!(told("batch,day,placed,dead,feed_kg\nA,0,1000,,\nA,0,,1,\nA,0,,,50\n").is_empty());
    let sold = |live: &str, feed: &str| {
        told(&format!("batch,day,placed,sold,live_weight_out_{live},feed_{feed},weight_g\nA,0,1000,,,3200,43\nA,35,,1000,2200,,2210\n"))
    };
    assert!(sold("kg", "kg").is_empty(), "{:?}", sold("kg", "kg"));
    assert!(
        tells(&sold("g", "kg"), "about 1000 times apart")
            && tells(&sold("kg", "t"), "about 1000 times apart")
            && tells(&sold("kg", "g"), "1000 times")
    );
    let targets = || Targets::from_toml("[growth]\nunit = \"g\"\ndays = [0, 35]\nvalues = [43, 2300]\n").unwrap();
    let curve = |weight: &str| {
        report_with(&format!("batch,day,placed,weight_kg\nA,0,1000,0.043\nA,35,,{weight}\n"), targets()).batches[0].implausible.clone()
    };
    assert!(curve("2.2").is_empty(), "{:?}", curve("2.2"));
    assert!(tells(&curve("2200"), "about 1000 times as much") && tells(&curve("1.1"), "more than 50 % off") && tells(&curve("0.0022"), "thousandth"));
}

#[test]
fn more_dead_than_present_says_when_and_where() {
    let report = report("batch,day,placed,dead\nA,0,100,1\nA,1,,150\nA,2,,0\n");
    let batch = &report.batches[0];
    assert!(tells(&batch.incomplete, "day 1: more animals were lost and sold than were there (line 3)"), "{:?}", batch.incomplete);
    assert!(batch.figure("survival.v1").is_none());
}

/// 1 of 100 and 200 of 1000 die: the farm's mortality is 201 / 1100, not the mean of 1 % and 20 %.
#[test]
fn the_farm_s_ratio_is_that_of_its_sums() {
    let report = report("batch,day,placed,dead\nA,0,100,1\nB,0,1000,200\n");
    let farm = &report.farm["mortality.v1"];
    assert_eq!((farm.mean, farm.is_pooled, farm.n), (201.0 / 1100.0, true, 2));
    assert_eq!(farm.best_quarter, Some(0.01 + 0.25 * (0.2 - 0.01)));
}

/// The fullest that the house was: 1000 × 1.8 kg before the first load on 60 m² is 30 kg/m², not all that was ever sold.
#[test]
fn density_is_of_those_who_were_there_together() {
    let report = report("batch,day,placed,sold,live_weight_out_kg,area_m2\nA,0,1000,,,60\nA,30,,400,720,\nA,40,,600,1500,\n");
    assert_eq!(value(&report.batches[0], "density.v1"), Some(30.0));
}
