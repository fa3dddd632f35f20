//! `conformance-rust <folder> <report>`

use std::path::Path;
use std::process::ExitCode;

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the closing line is what callers read")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, report] = arguments.as_slice() else {
        eprintln!("usage: conformance-rust <folder> <report>");
        return ExitCode::from(2);
    };
    // A panic of the library is an outcome (`error`) and printed as one.
    std::panic::set_hook(Box::new(|_| {}));
    match gatewright_conformance::run(Path::new(folder), Path::new(report)) {
        Ok(totals) => {
            println!("rust: {} passed, {} failed", totals.passed, totals.failed);
            if totals.failed == 0 && totals.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => {
            eprintln!("{fault}");
            println!("rust: 0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}
