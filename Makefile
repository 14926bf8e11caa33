# What a person and CI run. Needs Python 3.11 or later and make; the rest is set up on first use.

# The system's own Python where it is new enough and can make a virtual environment: distributions
# build theirs with profile-guided optimisation, version managers mostly do not. Else the first one
# on PATH; another one with: make clean, then make PYTHON=/path/to/python
PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null && $$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest
# One part of the suite; the census of families belongs to the whole.
PART := HANGJI_PART=1 $(PYTEST) -p tests.families -p tests.scratch -n $(JOBS) --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help run demo walk test test-broker test-fast test-city test-postgres test-machines check lint format types imports diagrams histories kills feed interleavings scale differential pictures mutants bench bench-town lock clean ready ready-to-test

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: ready ## set up, load the Putian sample and serve it; prints address and sign-ins
	@$(BIN)/hangji demo
	@$(BIN)/hangji serve

demo: ready ## load the Putian sample only (again: changes nothing)
	@$(BIN)/hangji demo

walk: ready ## walk two reports through the whole chain and tell it as a story
	@$(BIN)/hangji demo --walk

test: ready-to-test ## everything CI runs
	@$(MAKE) --no-print-directory -j $(JOBS) check
	@$(PYTEST) -p tests.families -p tests.scratch -n $(JOBS) --dist loadgroup --durations=25 --durations-min=1

test-broker: ready-to-test ## everything once more with a broker: stories, servers and kills hand out through Redis
	@HANGJI_TEST_BROKER=1 $(PART)

test-fast: ready-to-test ## only what needs no database and no process
	@$(PART) -m fast

test-city: ready-to-test ## only what runs on SQLite
	@$(PART) -m city

test-postgres: ready-to-test ## only what runs on PostgreSQL
	@$(PART) -m database

test-machines: ready-to-test ## only browsers, kills, Node and long walks
	@$(PART) -m machines

check: ready-to-test lint types imports diagrams ## lint, types, import rules and diagrams, without the tests

lint: ready-to-test ## style of the code
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

format: ready-to-test ## put the code into the house layout
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

types: ready-to-test ## types
	@$(BIN)/mypy

imports: ready-to-test ## import rules between the rooms
	@$(BIN)/lint-imports --no-logo

diagrams: ready-to-test ## bindings, soundness and policy of the shipped diagrams
	@$(BIN)/hangji check bpmn

histories: ready-to-test ## ten thousand random histories (CI runs fewer)
	@HANGJI_HISTORIES=10000 $(PYTEST) -n $(JOBS) --dist loadgroup tests/stories/test_histories.py

kills: ready-to-test ## two hundred walks under kill -9 (CI runs fewer)
	@HANGJI_KILLS=200 $(PYTEST) tests/fault/test_kills.py

interleavings: ready-to-test ## a thousand random courses of two platforms and fifty kills (CI runs fewer)
	@HANGJI_INTERLEAVINGS=1000 HANGJI_SYNC_KILLS=50 $(PYTEST) tests/api/test_sync_interleavings.py tests/api/test_sync_kills.py

feed: ready-to-test ## 32 writers and 8 readers of the feed, fifty steps each (CI runs fewer)
	@HANGJI_FEED=50 $(PYTEST) tests/fault/test_feed.py

scale: ready-to-test ## due work over hosts of their own (as root), with kills and a cut; SCALE="--help" says which parts
	@$(BIN)/python -m tests.fault.scale $(SCALE)

differential: ready-to-test ## a thousand random diagrams: the check against every way through the engine
	@HANGJI_DRAWINGS=1000 $(PYTEST) tests/engine/check/differential

pictures: ready-to-test ## the pictures of the documentation and of the handbook, taken again
	@HANGJI_PICTURES=yes $(PYTEST) -q tests/web/test_pictures_in_a_browser.py

mutants: ready-to-test ## seeded faults of diagrams, five seeded bugs of the code: each must be noticed
	@$(BIN)/python -m tests.fault.catalogue
	@$(BIN)/python -m tests.fault.mutate

bench: ready-to-test ## speed and size, as ratios to what the database alone can do
	@$(BIN)/python -m bench

bench-town: ready-to-test ## staffing and registry in a whole town: make bench-town SIZE=0.1 DATABASE=postgresql://…
	@$(BIN)/python -m bench.big_town $(if $(SIZE),--size $(SIZE)) $(if $(DATABASE),--database $(DATABASE))

lock: ready-to-test ## write the lock files anew from pyproject.toml
	@.ci/lock

clean: ## remove what was installed, built and written here, the sample database too
	rm -rf .venv var web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

ready:
	@$(if $(PYTHON),,$(error hangji needs Python 3.11 or later that can make virtual environments (Debian: apt-get install python3-venv); say where: make PYTHON=/path/to/python3.11))
	@$(PYTHON) .ci/set_up.py run

ready-to-test:
	@$(if $(PYTHON),,$(error hangji needs Python 3.11 or later that can make virtual environments (Debian: apt-get install python3-venv); say where: make PYTHON=/path/to/python3.11))
	@.ci/system-packages
	@$(PYTHON) .ci/set_up.py test
