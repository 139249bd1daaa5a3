# `make demo` and `make test` set up all they need in .venv; `make setup` is what they share.
# Needs Python 3.11 or newer with pip, make, and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test setup check search eval browser picture lock clean

demo: setup
	$(BIN)/tocsin demo

test: $(VENV)/.dev check eval

setup: $(VENV)/.runtime

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or newer: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# The development set contains the runtime set, so whoever has it keeps it.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/uv
	test -e $(VENV)/.dev || $(UV) pip install --quiet --require-hashes -r requirements.lock
	$(UV) pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/uv
	$(UV) pip install --quiet --require-hashes --compile-bytecode -r requirements-dev.lock
	$(UV) pip install --quiet --no-deps --editable .
	touch $@ $(VENV)/.runtime

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/coverage erase
	COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml $(BIN)/coverage run -m pytest -n auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing

# Looks for inputs that no run has tried yet; what it finds becomes a test.
search: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist worksteal -m hypothesis --hypothesis-profile search --timeout 900

eval: $(VENV)/.dev
	$(BIN)/tocsin eval

# Chromium, where it can be installed; without one the tests of the local Slack's page are skipped.
browser:
	.ci/browser

# Plays the demo and photographs its thread.
picture: $(VENV)/.dev browser
	$(BIN)/python -m tests.page.screenshot docs/thread.png

lock: $(BIN)/uv
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --extra plots --extra aws -o requirements.lock
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
