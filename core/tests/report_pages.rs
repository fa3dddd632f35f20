//! The pages of a report as a keeper of animals reads them: units, words and plots.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use gatewright::kpi::report::{Locale, ReadOptions, Report, Reporter, Table, Targets};

fn report(text: &str, targets: &str) -> Report {
    let mut table = Table::open(text.as_bytes(), &ReadOptions::default()).unwrap();
    let mut reporter = Reporter::new(Targets::from_toml(targets).unwrap());
    while let Some(entry) = table.next_entry().unwrap() {
        reporter.add_entry(entry).unwrap();
    }
    reporter.finish().unwrap()
}

fn page(text: &str, targets: &str) -> String {
    report(text, targets).to_html("Farm", &Locale::default())
}

/// 500 for 1000 kg is 0.50 a kg of a currency with hundredths, and 0.5 of one without.
#[test]
fn money_is_named_as_the_table_names_it_and_divided_only_where_it_has_hundredths() {
    let of = |unit: &str| page(&format!("batch,day,placed,sold,live_weight_out_kg,feed_kg,cost_{unit}\nA,0,500,,,1500,500\nA,35,,500,1000,,\n"), "");
    assert!(of("eur").contains("0.50\u{a0}EUR/kg"));
    assert!(of("$").contains("0.50\u{a0}$/kg"));
    assert!(of("jpy").contains("0.5\u{a0}JPY/kg"));
    assert!(of("cents").contains(">0.01\u{a0}per kg"), "500 cents are 5 of what they are hundredths of");
}

#[test]
fn a_deviation_says_in_words_whether_it_is_better() {
    let targets = "[figures]\n\"survival.v1\" = { value = 0.9, unit = \"fraction\" }\n\"mortality.v1\" = { value = 0.02, unit = \"fraction\" }";
    let html = page("batch,day,placed,dead\nA,0,100,5\n", targets);
    assert!(html.contains("+5.6\u{a0}% <small>better</small>") && html.contains("+150.0\u{a0}% <small>worse</small>"));
}

/// 100 hens a week, none lost: 70 eggs are 10 %, 560 are 80 %.
#[test]
fn layers_have_a_laying_curve_by_weeks() {
    let mut text = "batch,week,placed,dead,eggs\n".to_owned();
    for (week, eggs) in (20..30).zip([70, 560, 630, 630, 630, 630, 630, 630, 630, 630]) {
        text.push_str(&format!("H,{week},{},0,{eggs}\n", if week == 20 { "100" } else { "" }));
    }
    let laying = "[laying]\nunit = \"fraction\"\ndays = [140, 210]\nvalues = [0.1, 0.9]";
    let report = report(&text, laying);
    assert_eq!(report.batches[0].laying[..2], [(140, 0.1), (147, 0.8)]);
    let html = report.to_html("Farm", &Locale::default());
    assert!(html.contains("<title>Laying rate</title>") && html.contains("age, weeks") && html.contains("203 days (29 weeks)"));
    assert!(html.contains("class=\"wanted\""), "the target curve is drawn");
    assert!(report.to_json().contains(r#""laying":[{"day":140,"rate":0.1},"#));
    assert!(html.contains("No batch has enough of the figures"), "broilers' figures do not rank hens");
}

/// Events are not days: 700 eggs collected on day 7 of 100 hens are no rate of 700 %.
#[test]
fn events_have_no_laying_curve() {
    let report = report("batch,day,placed,dead,eggs\nH,0,100,,\nH,7,,1,700\nH,21,,1,1200\n", "");
    assert_eq!(report.batches[0].laying, []);
}

#[test]
fn more_losses_than_animals_are_told_once_with_their_day_and_line() {
    let report = report("batch,day,placed,dead\nA,0,100,0\nA,1,,60\nA,2,,60\nA,3,,0\n", "");
    let told: Vec<_> = report.batches[0].incomplete.iter().filter(|told| told.contains("more animals were lost")).collect();
    assert!(told.iter().any(|told| told.contains("day 2") && told.contains("(line 4)")), "{told:?}");
    assert!(!told.iter().any(|told| told.contains("daily_")), "an argument's name is no word of a table: {told:?}");
}

#[test]
fn cells_that_are_lost_are_told_in_one_line() {
    let report = report("batch,day,placed,dead,feed_kg\nA,0,100,x,y\nA,1,,z,\n", "");
    let told: Vec<_> = report.batches[0].incomplete.iter().filter(|told| told.contains("could not be read")).collect();
    assert_eq!(
        told,
        ["cells that could not be read: 2 of dead, 1 of feed; the list at the end says which, and figures that rest on them are marked"]
    );
}

/// 10 animals on day 0, of which one dies: 9.5 head-days, not 19 halves.
#[test]
fn definitions_show_the_head_days_that_a_keeper_knows() {
    let html = page("batch,day,placed,dead,feed_kg\nA,0,10,1,1\n", "");
    assert!(html.contains("7000 × dead / head-days = 7,000 / 9.5") && html.contains("feed eaten in g / head-days = 1,000 / 9.5"));
}

#[test]
fn names_of_batches_wrap_and_keep_their_own_direction() {
    let long = "Stall Nord-Ost, Abteil 7b, Lieferant Brüterei Müller & Söhne GmbH, Partie 2026/04/17";
    let html = page(&format!("batch,day,placed,dead\n\"{long}\",0,100,1\nقطيع ٣,0,100,2\n"), "");
    assert!(html.contains("<th class=\"n name\"><bdi>Stall Nord-Ost, Abteil 7b, Lieferant Brüterei Müller &amp; Söhne GmbH"));
    assert!(html.contains("<h2><bdi>قطيع ٣</bdi></h2>"));
}

#[test]
fn ranks_count_those_that_have_one() {
    let row = |batch: &str, feed: u32| format!("{batch},0,100,0,,,{feed}\n{batch},35,,,100,200,\n");
    let text = format!("batch,day,placed,dead,sold,live_weight_out_kg,feed_kg\n{}{}C,0,100,1,,,\n", row("A", 300), row("B", 310));
    let html = page(&text, "[weights]\n\"fcr.live_weight.v1\" = { weight = 1, lower_is_better = true }");
    assert!(html.contains("rank 1 of 2") && html.contains("rank 2 of 2") && !html.contains("of 3"));
}

#[test]
fn a_weight_that_falls_is_told() {
    let weighings = |first: u32, then: u32| {
        let report = report(&format!("batch,day,placed,weights_g\nA,28,100,{first} {first}\nA,35,,{then} {then}\n"), "");
        report.batches[0].implausible.iter().any(|told| told.contains("from day 28 to day 35 the mean weight goes"))
    };
    assert_eq!((weighings(1800, 1283), weighings(1800, 1620), weighings(300, 1900)), (true, false, true));
}
