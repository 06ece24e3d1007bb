# Two commands on a fresh machine: `make demo` and `make test`. They need Python >= 3.11 (with venv), git and make.
# Everything else is installed into .venv from requirements.lock, every file checked against its hash.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first Python on the path that is new enough; `make PYTHON=/path/to/python3.12 demo` overrides.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
            "$$p" -c '$(NEW_ENOUGH)' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
CODE := src tests tools main.py $(wildcard hatch_build.py benchmarks)

# The dashboard's page: built from frontend/ with the Node that requirements.lock brings. NINEFIFTEEN_SKIP_PAGE=1 goes without.
PAGE := src/ninefifteen/web/static/index.html
PAGE_SOURCES := $(shell find frontend -type f -not -path 'frontend/node_modules/*' -not -path 'frontend/dev/*' \
                  -not -path 'frontend/.*/*' 2>/dev/null)
PAGE_PACKAGES := frontend/node_modules/.package-lock.json

DEMO_ARGS ?= --once --pace demo
TEST_ARGS ?=
BENCH_ARGS ?=
WORKERS ?= 2

.PHONY: help demo page types test check bench nightly docs lock clean

help:
	@echo "make demo     a whole simulated trading day, with screen and dashboard, in a few minutes"
	@echo "make page     the dashboard's page anew, where frontend/ is newer"
	@echo "make types    the page's types anew from the server's interface"
	@echo "make test     the complete test suite, with coverage"
	@echo "make check    format, lint, types, import contracts, sizes"
	@echo "make bench    our speed and memory, and the peers' where they are installed"
	@echo "make nightly  the tests that are too long for make test, and the property tests with new examples"
	@echo "make docs     links, tables and commands named in the documents"
	@echo "make lock     requirements.lock anew from pyproject.toml (LOCK_ARGS=--upgrade for newer versions)"
	@echo "make clean    removes .venv and everything that was built; never user_data"

.venv/.locked: requirements.lock
	@[ -n "$(PYTHON)" ] || { echo "ninefifteen needs Python 3.11 or newer: install it (on Debian or Ubuntu: sudo apt-get install python3 python3-venv), or say where it is: make PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { echo "ninefifteen needs Python 3.11 or newer; this is $$("$(PYTHON)" --version 2>&1): make PYTHON=/path/to/a/newer/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python cannot make virtual environments: on Debian or Ubuntu run: sudo apt-get install python3-venv" >&2; exit 2; }
	@[ -x $(BIN)/python ] || { echo "making .venv with $$("$(PYTHON)" --version)" >&2; "$(PYTHON)" -m venv .venv; }
	@echo "installing into .venv (once; a few minutes on a slow line)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(PAGE_PACKAGES): $(wildcard frontend/package-lock.json) | .venv/.locked
	@$(BIN)/python hatch_build.py packages
	@[ ! -e $@ ] || touch $@

$(PAGE): $(PAGE_SOURCES) | .venv/.locked $(PAGE_PACKAGES)
	@$(BIN)/python hatch_build.py
	@[ ! -e $@ ] || touch $@

.venv/.installed: .venv/.locked pyproject.toml | $(PAGE)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

page: $(PAGE)

types: .venv/.installed
	@mkdir -p build
	@$(BIN)/python -m ninefifteen.web --openapi > build/openapi.json
	@mv build/openapi.json frontend/openapi.json
	@$(BIN)/python hatch_build.py run types

demo: .venv/.installed
	@$(BIN)/python -m ninefifteen run --demo $(DEMO_ARGS) || [ $$? -eq 130 ]
	@echo "why it went so: $(BIN)/ninefifteen why - another day: $(BIN)/ninefifteen run --demo --once --speed 60 --seed 6" >&2

test: .venv/.installed
	@mkdir -p build
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report= --cov-report=json:build/coverage.json $(TEST_ARGS)
	$(BIN)/python tools/check_coverage.py build/coverage.json
	$(BIN)/python hatch_build.py run test

check: .venv/.installed
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/check_size.py
	$(BIN)/python hatch_build.py run check

bench: .venv/.installed
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

nightly: .venv/.installed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "nightly or hypothesis" --hypothesis-profile=new_examples $(TEST_ARGS)

docs: .venv/.installed
	$(BIN)/python -m pytest -q tests/architecture/test_documents.py tests/architecture/test_your_document.py

lock:
	tools/lock.sh $(LOCK_ARGS)

clean:
	rm -rf .venv build dist frontend/node_modules src/ninefifteen/web/static htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
