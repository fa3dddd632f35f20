//! The program `gatewright`.

fn main() -> std::process::ExitCode {
    gatewright::cli::run(std::env::args_os())
}
