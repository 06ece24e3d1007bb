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
CODE := src tests tools main.py $(wildcard benchmarks)

DEMO_ARGS ?= --once --pace demo
TEST_ARGS ?=
BENCH_ARGS ?=
WORKERS ?= 2

.PHONY: help demo test check bench nightly docs lock clean

help:
	@echo "make demo     a whole simulated trading day, with the screen, in a few minutes"
	@echo "make test     the complete test suite, with coverage"
	@echo "make check    format, lint, types, import contracts, sizes"
	@echo "make bench    our speed and memory, and the peers' where they are installed"
	@echo "make nightly  the tests that are too long for make test, and the property tests with new examples"
	@echo "make docs     links, tables and commands named in the documents"
	@echo "make lock     requirements.lock anew from pyproject.toml (LOCK_ARGS=--upgrade for newer versions)"
	@echo "make clean    removes .venv and everything that was built; never user_data"

.venv/.installed: requirements.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "ninefifteen needs Python 3.11 or newer: install it (on Debian or Ubuntu: sudo apt-get install python3 python3-venv), or say where it is: make PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { echo "ninefifteen needs Python 3.11 or newer; this is $$("$(PYTHON)" --version 2>&1): make PYTHON=/path/to/a/newer/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python cannot make virtual environments: on Debian or Ubuntu run: sudo apt-get install python3-venv" >&2; exit 2; }
	@[ -x $(BIN)/python ] || { echo "making .venv with $$("$(PYTHON)" --version)" >&2; "$(PYTHON)" -m venv .venv; }
	@echo "installing into .venv (once; a few minutes on a slow line)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/.installed
	@$(BIN)/python -m ninefifteen run --demo $(DEMO_ARGS) || [ $$? -eq 130 ]
	@echo "why it went so: $(BIN)/ninefifteen why - another day: $(BIN)/ninefifteen run --demo --once --speed 60 --seed 6" >&2

test: .venv/.installed
	@mkdir -p build
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report= --cov-report=json:build/coverage.json $(TEST_ARGS)
	$(BIN)/python tools/check_coverage.py build/coverage.json

check: .venv/.installed
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/check_size.py

bench: .venv/.installed
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

nightly: .venv/.installed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "nightly or hypothesis" --hypothesis-profile=new_examples $(TEST_ARGS)

docs: .venv/.installed
	$(BIN)/python -m pytest -q tests/architecture/test_documents.py tests/architecture/test_your_document.py

lock:
	tools/lock.sh $(LOCK_ARGS)

clean:
	rm -rf .venv build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
