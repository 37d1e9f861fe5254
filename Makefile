# Everything happens in .venv and var; nothing is installed system-wide (but see deploy/test-system.sh, for tests only).
# PORT, RATING_DATABASE_URL and RATING_DATA_DIR are honoured.

PYTHON ?= $(shell for one in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PO := $(wildcard rating/translations/*/LC_MESSAGES/messages.po)
MO := $(PO:.po=.mo)

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check proofs bench format messages lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed $(MO)  ## make .venv, migrate, load the demonstration city and serve it (PORT, else 8000)
	@exec $(BIN)/rating demo

demo-reset: .venv/installed $(MO)  ## throw the demonstration city away and begin again
	@exec $(BIN)/rating demo --reset

test: check  ## make check, then all tests, on SQLite and on a PostgreSQL of their own
	sh deploy/test-system.sh
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8

check: .venv/installed-for-tests $(MO)  ## formatting, lint, types, the order of rooms, translations
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --quiet --output-format concise .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.support.catalogue

proofs: .venv/installed-for-tests $(MO)  ## long proofs by hand (SCALE=0.1: a tenth); their figures go into docs
	$(BIN)/python -m tests.proofs.printed_codes
	$(BIN)/python -m tests.proofs.once
	$(BIN)/python -m tests.proofs.durable
	$(BIN)/python -m tests.proofs.guesses
	$(BIN)/python -m tests.proofs.method
	ODD_EXAMPLES=20000 $(BIN)/python -m pytest -q tests/demo/test_odd_values.py tests/test_odd_forms.py
	$(BIN)/python -m tests.proofs.secrecy
	$(BIN)/python -m tests.proofs.log

bench: .venv/installed-for-tests $(MO)  ## the whole form under load, and tallies of ten million; figures go into docs/performance.md
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.census
	$(BIN)/python -m benchmarks.tallies
	$(BIN)/python -m benchmarks.certainty
	$(BIN)/python -m benchmarks.log

format: .venv/installed-for-tests  ## put the code into shape
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

messages: .venv/installed-for-tests  ## gather the texts to translate into the catalogue
	$(BIN)/python -m tests.support.catalogue update

lock: .venv/made  ## pin all requirements anew, keeping what still fits
	$(BIN)/python -m venv var/uv && var/uv/bin/pip --disable-pip-version-check --quiet install uv
	var/uv/bin/uv pip compile $(COMPILE) -o deploy/requirements.lock pyproject.toml
	var/uv/bin/uv pip compile $(COMPILE) -o deploy/requirements-test.lock --extra test -c deploy/requirements.lock pyproject.toml

COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; make PYTHON=… names one that is not on the PATH." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "$(PYTHON) can't make virtual environments: install python3-venv (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/required: deploy/requirements.lock | .venv/made
	$(PIP) install --require-hashes -r deploy/requirements.lock
	@touch $@

.venv/installed: .venv/required pyproject.toml
	$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-for-tests: deploy/requirements-test.lock .venv/required | .venv/installed
	$(PIP) install --require-hashes -r deploy/requirements-test.lock
	@touch $@

%.mo: %.po | .venv/installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
