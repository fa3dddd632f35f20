#!/usr/bin/env bash
# Writes the generated Kotlin of gatewright-ffi, or with --check says whether the committed text is what would be written.
# The generator is built once, in the dev profile, outside the workspace.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$root/.ci/env.sh"
target=${CARGO_TARGET_DIR:-$root/target}
committed=$here/gatewright-ffi/src/main/kotlin
generator=$target/bindgen/$CARGO_BUILD_TARGET/debug/uniffi-bindgen

cd "$root"
cargo build --quiet --locked --package gatewright-kotlin
cargo build --quiet --locked --jobs 2 --manifest-path "$here/bindgen/Cargo.toml" --target-dir "$target/bindgen"

# From the unstripped library: the generator reads its symbols.
library=
for name in libgatewright_ffi.so libgatewright_ffi.dylib gatewright_ffi.dll; do
    [ -e "$target/$CARGO_BUILD_TARGET/debug/$name" ] && library=$target/$CARGO_BUILD_TARGET/debug/$name
done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
(cd "$here" && "$generator" generate "$library" --language kotlin --out-dir "$out" --no-format)

if [ "${1:-}" = --check ]; then
    diff -ru "$committed" "$out" || { echo "the generated Kotlin is out of date: run bindings-kotlin/generate.sh" >&2; exit 1; }
    echo "the generated Kotlin is up to date"
else
    mkdir -p "$committed"
    rm -rf "${committed:?}/io"
    cp -R "$out/." "$committed/"
fi
