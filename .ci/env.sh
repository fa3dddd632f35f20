# Sourced by every script: one feature set, one target and no debug information make a cold build twice as fast.
export CARGO_PROFILE_DEV_DEBUG=0
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
# napi always passes --target; the same target everywhere lets all crates share one build.
CARGO_BUILD_TARGET="${CARGO_BUILD_TARGET:-$(rustc -vV | sed -n 's/^host: //p')}"
export CARGO_BUILD_TARGET
