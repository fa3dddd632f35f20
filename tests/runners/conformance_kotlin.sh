#!/usr/bin/env bash
# Runs the vectors in Kotlin: conformance_kotlin.sh <folder> <report>. Built by: mvn -f bindings-kotlin/pom.xml package
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
built=$root/bindings-kotlin/conformance/target
exec java -cp "$built/classes:$built/lib/*" io.github.gatewright.conformance.MainKt "$@"
