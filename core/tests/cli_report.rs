//! The program `gatewright kpi report`: what it prints, writes and ends with.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(input: &str, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gatewright"));
    program.env_remove("LC_ALL").env_remove("LANG").args(["kpi", "report"]).args(arguments);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_good_table_is_summed_up_and_ends_with_0() {
    let output = run("batch,day,placed,dead\nA1,0,1000,5\n", &["-", "--locale", "de"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("99,50\u{a0}%") && out(&output).contains("1 row, 1 batch"), "{}", out(&output));
}

#[test]
fn a_cell_that_cannot_be_read_is_told_and_ends_with_1() {
    let output = run("batch,day,placed,dead\nA1,0,1000,five\n", &["-"]);
    assert_eq!(code(&output), 1);
    assert!(
        out(&output).contains("line 2, dead: \"five\" no number: write digits, as 12 or 12.5, or leave the cell empty; its dead counts as missing"),
        "{}",
        out(&output)
    );
}

#[test]
fn what_is_no_table_ends_with_2_and_says_why() {
    for (input, part) in [("batch,feed\nA,1\n", "feed_kg"), ("", "no header"), ("[{}, 3]", "JSON array of objects")] {
        let output = run(input, &["-"]);
        assert_eq!((code(&output), out(&output)), (2, String::new()), "{input}");
        assert!(err(&output).contains(part), "{}", err(&output));
    }
    let output = run("", &["no-such-file.csv"]);
    assert!(code(&output) == 2 && err(&output).contains("cannot read no-such-file.csv"));
    let output = run("", &[env!("CARGO_MANIFEST_DIR")]);
    assert!(code(&output) == 2 && err(&output).contains("it is a folder"), "{}", err(&output));
    assert_eq!(code(&run("", &["-", "--decimal", "slash"])), 2);
}

#[test]
fn rows_of_json_come_by_the_input_too_and_json_goes_to_the_output() {
    let output = run(r#" [{"batch": "A", "day": 0, "placed": 100, "dead": 3, "weights_g": [210, 225]}]"#, &["-", "--json", "-"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["batches"][0]["figures"][0]["kpi"]["value"], 0.97);
    assert_eq!(report["batches"][0]["growth"][0]["mean_g"], 217.5);
}

#[test]
fn columns_are_mapped_and_a_batch_is_named() {
    let output = run("Tag;Silo 1;Tote\n0;12,5;1\n", &["-", "--map", "silo 1=feed_kg", "--batch", "Stall 3", "--csv", "-"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).starts_with("batch,figure,value"));
    let output = run("Tag;Silo 1;Tote\n0;12,5;1\n", &["-", "--map", "Silo 2=feed_kg", "--batch", "Stall 3"]);
    assert!(code(&output) == 2 && err(&output).contains("no column \"Silo 2\" to map"), "{}", err(&output));
}

#[test]
fn a_name_cannot_speak_to_the_terminal() {
    let output = run("batch,day,placed,dead\n\"\u{1b}]0;owned\u{7}\",0,100,\u{1b}[31m\n", &["-"]);
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{}", out(&output));
}
