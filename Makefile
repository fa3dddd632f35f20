# `make demo` and `make test` are all that a fresh clone needs: both install what is missing first.
SHELL := bash
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test conformance check bench fuzz docs dist clean

VECTORS ?= tests/vectors
SECONDS ?= 60

help: ## Say what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1|\2/' | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: ## The main job on real input: four languages, one session, one webhook, one store
	@.ci/setup demo
	@.ci/build python node kotlin
	@examples/demo/build
	@examples/demo/run

test: ## Every test of every language, the vectors and the cross matrix
	@.ci/run

conformance: ## The vectors in four languages [VECTORS=folder]
	@.ci/setup demo
	@.ci/build
	@tests/conformance "$(VECTORS)"

check: ## Format, lints, types, licences, generated files
	@.ci/setup check
	@.ci/check

bench: ## Each hot path beside the usual library [ONLY=name]
	@.ci/setup bench
	@tests/bench/run $(ONLY)

fuzz: ## Each fuzz target for a while [SECONDS=60]
	@.ci/setup fuzz
	@.ci/fuzz "$(SECONDS)"

docs: ## The reference of the Rust crate, with every warning an error
	@.ci/setup docs
	@. .ci/env.sh && RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --package gatewright --all-features
	@. .ci/env.sh && echo "target/$$CARGO_BUILD_TARGET/doc/gatewright/index.html"

dist: ## Wheel, npm packages, Maven repository and crate, built for release, in dist/
	@.ci/setup dist
	@.ci/dist

clean: ## Remove what was built, and keep what was installed
	rm -rf target dist fuzz/target bindings-node/dist bindings-node/npm bindings-node/*.node .tools/wheel .tools/conformance .tools/bench .tools/stamps/kotlin-built
	find bindings-kotlin examples/kotlin -name target -type d -prune -exec rm -rf {} + 2>/dev/null || true
	find bindings-python tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f bindings-python/python/gatewright/*.so
