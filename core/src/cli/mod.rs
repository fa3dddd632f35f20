//! The program `gatewright`: what people run by hand. The wheel's console script calls the same code.

mod kpi;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What services get subtly wrong by hand, done once: this program reports on what they measured.
#[derive(Debug, Parser)]
#[command(name = "gatewright", version, max_term_width = 100)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Figures of livestock.
    Kpi {
        #[command(subcommand)]
        command: kpi::KpiCommand,
    },
}

/// Runs the program with these arguments, the first being its name. Ends with 0 when all is well, 1 when something could not be read
/// and the rest was reported on, 2 when there is no report.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(status(arguments))
}

/// As [`run`], for a program of another language: the exit code as a number.
pub fn status(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    match Program::try_parse_from(arguments) {
        Ok(Program { command: Command::Kpi { command } }) => kpi::run(&command),
        Err(error) => {
            // Help goes to the output, mistakes to the error output; a closed pipe is no reason to panic.
            let _ = error.print();
            if error.use_stderr() { 2 } else { 0 }
        }
    }
}
