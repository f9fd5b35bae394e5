# Every target works in a fresh clone: the first one that needs a library of the system sees to it (scripts/setup.sh).

SWIFT ?= swift
# An import that Package.swift does not declare is an error; the same flag in every build keeps one build in use.
BUILD_FLAGS := --explicit-target-dependency-import-check error
SWIFT_SOURCES := Package.swift Sources Tests $(wildcard Examples Benchmarks Fuzz)
FUZZ_SECONDS ?= 30
BENCHES ?= core-bench
# Whether the engine's detector has kinds to choose from; the benchmarks' manifest looks at it.
# Tests over sockets have deadlines; beside tests that keep every core busy they would measure those.
SOCKET_TESTS := ^(ProviderClientsTests|ServerTests|LatencyBenchTests)\.

# The audio modules optimised, so that tests hear whole calls in seconds and count what a server would allocate.
test test-core imports: export PARLEY_OPTIMISED_AUDIO = 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-core test-examples check lint format imports bench bench-peers docs fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## check the system's libraries, install the missing ones where that is allowed
	@scripts/setup.sh

demo: setup ## play a whole phone call from a recording and show the booking it made
	$(SWIFT) build -c release --product parley
	rm -rf out/demo out/demo-data
	.build/release/parley simulate Examples/appointment-desk.yaml --caller TestAudio/appointment-call.wav \
		--out out/demo --data out/demo-data --now 2026-03-02T09:00:00
	.build/release/parley bookings list --data out/demo-data

test: setup ## build and run every test, the example package's too
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --skip-build --skip '$(SOCKET_TESTS)'
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 $(SWIFT) test --skip-build --filter '$(SOCKET_TESTS)'
	@$(MAKE) --no-print-directory test-examples

test-core: ## test the audio core alone: no package to resolve, seconds to build
	@scripts/setup.sh core
	PARLEY_CORE_ONLY=1 $(SWIFT) test --scratch-path .build-core

test-examples: setup ## build and run the programs under Examples/
	@scripts/test-examples.sh

check: setup lint imports ## format, undeclared imports, the rings under the thread sanitizer
	scripts/check-ring-tsan.sh

lint: ## report code that is not formatted
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## format the code in place
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

imports: setup ## fail on an import that Package.swift does not declare
	$(SWIFT) build --build-tests $(BUILD_FLAGS)

bench: setup ## measure the core (see Benchmarks/README.md; BENCHES names others)
	cd Benchmarks && for bench in $(BENCHES); do PARLEY_CORE_ONLY=1 $(SWIFT) run -c release $$bench || exit; done
	@if [ -n "$$PARLEY_VAD_CORPUS" ]; then scripts/bench-vad.sh; else \
		echo "bench: set PARLEY_VAD_CORPUS to a labelled corpus to have the detector scored (Benchmarks/README.md)"; fi

bench-peers: ## measure the detector beside Silero, TEN and WebRTC (Benchmarks/peers.md; NOTE=1 writes it there)
	@scripts/setup.sh core
	scripts/bench-peers.sh $(if $(NOTE),--note) "$$PARLEY_VAD_CORPUS"

docs: ## write the reference of the core's modules to docs/api
	@scripts/setup.sh core
	scripts/docs.sh

fuzz: ## throw hostile bytes at the parsers, FUZZ_SECONDS each (30)
	@scripts/setup.sh core
	FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh

clean: ## delete what was built
	rm -rf .build .build-core .build-docs .build-fuzz .build-tsan Benchmarks/.build Benchmarks/.venv Examples/*/.build out docs/api
