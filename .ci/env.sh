# shellcheck shell=bash
# The one place of build settings, sourced by every script.
#
# One feature set, one target and no debug information make a cold build twice as fast.
export CARGO_PROFILE_DEV_DEBUG=0
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
# napi always passes --target; the same target everywhere lets all crates share one build.
CARGO_BUILD_TARGET="${CARGO_BUILD_TARGET:-$(rustc -vV | sed -n 's/^host: //p')}"
export CARGO_BUILD_TARGET

# The virtual environment that .ci/setup makes.
gatewright_venv=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)/.tools/venv
if [ -x "$gatewright_venv/bin/python" ]; then
  export VIRTUAL_ENV="$gatewright_venv"
  # PyO3 is compiled again whenever another interpreter is named.
  export PYO3_PYTHON="$gatewright_venv/bin/python"
  case "$PATH" in
    "$gatewright_venv/bin:"*) ;;
    *) export PATH="$gatewright_venv/bin:$PATH" ;;
  esac
fi
