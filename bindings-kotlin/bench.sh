#!/usr/bin/env bash
# Measures the Kotlin package with a library built for release.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../.ci/env.sh"
cargo build --release --locked --package gatewright-kotlin --manifest-path "$here/../Cargo.toml"
mvn -q -f "$here/pom.xml" -Dnative.profile=release -DskipTests package -pl benchmarks -am
exec java -cp "$here/benchmarks/target/classes:$here/benchmarks/target/lib/*" io.github.gatewright.benchmarks.MainKt
