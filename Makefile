# The commands people run. Each does its own set-up, and each fits on one line: what is longer is a script in tools/.
.DEFAULT_GOAL := help
.PHONY: help demo test trained bench figures coverage fuzz campaign try mutants determinism documents sanitize format clean

help: ## this list
	@echo "kraftsim: a deterministic simulator of Kafka's control plane. Start with 'make demo', then 'make test'."
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Builds live in build/<preset> ('cmake --list-presets'); the command is build/release/sim/cli/kraftsim."

demo: ## build the command and compare KRaft with ZooKeeper over 200 seeds
	@tools/setup build
	@tools/build release kraftsim
	@tools/demo

test: ## everything that must hold before a change goes in: tidy, C++ tests, Python tests
	@tools/test

trained: ## the fastest build of the command, build/trained/sim/cli/kraftsim: for long sweeps and swarms
	@tools/setup build
	@tools/trained kraftsim

bench: ## the speed of the engine, of the full stack and of sweeps, beside yardstick or target
	@tools/setup
	@tools/bench

figures: ## published and measured results reproduced: ours beside theirs; pictures in build/figures
	@tools/setup
	@tools/build release kraftsim
	@/usr/bin/python3 tools/figures

coverage: ## run the C++ tests with coverage on; fails below 90 % of the lines of core/
	@tools/setup
	@tools/coverage

fuzz: ## fuzz every reader of foreign bytes; TIME=600 seconds each
	@tools/setup
	@tools/fuzz

campaign: ## look for a broken invariant: SEEDS=100000 runs of each crash_*, election_* and partition_* scenario; JOBS=2
	@tools/setup
	@tools/build release kraftsim
	@tools/campaign --seeds $(or $(SEEDS),100000) --jobs $(or $(JOBS),2)

try: ## after a change of the protocol: build, hunt for TIME=60 seconds, end with a named failure and a minimal scenario
	@tools/setup
	@tools/try $(or $(TIME),60)

mutants: ## plant each known bug and hunt it; rewrites docs/mutants.md. SAMPLE=2 takes two, chosen by the commit
	@tools/setup
	@tools/mutants $(if $(SAMPLE),--sample $(SAMPLE) --key "$$(git rev-parse HEAD)",--save)

determinism: ## compare digests between g++ -O3, g++ -O0 and clang -O2, twice each, and through forks
	@tools/setup
	@tools/determinism

documents: ## rewrite what README.md prints: the demo's output and the picture
	@tools/setup
	@tools/build release kraftsim
	@/usr/bin/python3 tools/documents

sanitize: ## run the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/setup
	@tools/build asan-ubsan
	@ctest --preset asan-ubsan

format: ## clang-format every C++ file
	@tools/setup format
	@git ls-files -co --exclude-standard '*.cpp' '*.hpp' | xargs -r clang-format-19 -i

clean: ## remove every build
	rm -rf build
