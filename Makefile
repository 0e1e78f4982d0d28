# Everything a newcomer runs is one command; `make help` lists them.
SWIFT ?= swift
RELEASE := .build/release
SIMULATION_SEEDS ?= 2000
FUZZ_SECONDS ?= 600
TIME ?= 20s
# Tests that compute. Those that wait for processes and clocks run after them: on two threads they would wait for these.
COMPUTING := CheckersTests|GeneratorsTests|HistoriesTests|WorkloadsTests|SimulationKitTests|RaftKVTests|PaxosLogTests|DynamoRingTests|MessageQueueTests
SYSTEMS := raft-kv paxos-log dynamo-ring message-queue

.DEFAULT_GOAL := help
.PHONY: help deps build run test lint bench soak clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that are missing (root, or sudo without a password prompt)
	@.ci/deps

build: deps ## Build faultline and the bundled systems, optimised
	$(SWIFT) build -c release

run: build ## Build, break a Raft cluster for 20 s (TIME=…), judge it, write the report
	$(RELEASE)/faultline run raft-kv --faults partition,kill --time $(TIME)

lint:
	$(SWIFT) format lint --strict --parallel --recursive --configuration .ci/swift-format.json \
	  Package.swift Sources Checkers Workloads Nemesis Tests

test: build lint ## All tests: formatting, simulation of the protocol cores, unit and end-to-end tests
	$(RELEASE)/raft-simulation --seeds $(SIMULATION_SEEDS)
	$(RELEASE)/paxos-simulation --seeds $$(($(SIMULATION_SEEDS) / 4))
	$(RELEASE)/dynamo-simulation --seeds $$(($(SIMULATION_SEEDS) / 4))
	$(RELEASE)/message-queue-simulation --seeds $$(($(SIMULATION_SEEDS) / 4))
	$(SWIFT) test --disable-xctest --filter '$(COMPUTING)'
	FAULTLINE_BIN=$(CURDIR)/$(RELEASE) $(SWIFT) test --disable-xctest --skip-build --skip '$(COMPUTING)'

bench: build ## Measure checkers (the whole grid takes an hour or two; FILTER=--quick), the client loop, the bundled systems and partitions
	$(RELEASE)/checkers-bench $(FILTER)
	$(RELEASE)/checkers-bench --isolation $(FILTER)
	$(RELEASE)/checkers-bench --workloads $(FILTER)
	$(RELEASE)/http-bench
	FAULTLINE_BIN=$(RELEASE) $(RELEASE)/systems-bench
	$(RELEASE)/sandbox-probe cuts

soak: build ## The long ones (an hour and more): simulation, differential tests, fuzzing (FUZZ_SECONDS=…), named bugs on fresh seeds
	$(RELEASE)/raft-simulation --seeds $$((10 * $(SIMULATION_SEEDS)))
	$(RELEASE)/raft-simulation --seeds $(SIMULATION_SEEDS) --changes
	$(RELEASE)/paxos-simulation --seeds $(SIMULATION_SEEDS)
	$(RELEASE)/dynamo-simulation --seeds $(SIMULATION_SEEDS)
	$(RELEASE)/message-queue-simulation --seeds $(SIMULATION_SEEDS)
	FAULTLINE_SOAK=1 $(SWIFT) test -c release -Xswiftc -enable-testing --disable-xctest --filter CheckersTests \
	  --scratch-path .build/soak
	@set -e; for format in jsonl json edn jepsen-log; do \
	  seed=$$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); \
	  echo $(RELEASE)/history-fuzz --seed $$seed --seconds $(FUZZ_SECONDS) --format $$format; \
	  $(RELEASE)/history-fuzz --seed $$seed --seconds $(FUZZ_SECONDS) --format $$format; \
	done
	@for system in $(SYSTEMS); do \
	  $(RELEASE)/faultline mutants $$system --bugs none --runs 50 --time 30s || exit 1; \
	done
	@set +e; for system in $(SYSTEMS); do $(RELEASE)/faultline mutants $$system; done; true

clean: ## Remove what the build made; runs in store/ stay
	rm -rf .build
