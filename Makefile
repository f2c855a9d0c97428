# `make help` lists what there is. Works with GNU make 3.81 (macOS) and later.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# pip refuses a file that is not the one the lock was made with.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench openapi lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do \
		printf '  make %-9s %s\n' "$$name" "$$text"; done
	@echo
	@echo '  PORT, SIMULATOR_PORT, VAR_DIR, DATABASE_URL, REDIS_URL, DEMO_EMAIL and DEMO_PASSWORD may be'
	@echo '  set after it: make run PORT=8081. docs/operations.md explains them.'

run: $(VENV)/run.stamp ## Start everything on this machine, with a demo company
	@exec $(BIN)/python -m whaticket.up

test: $(VENV)/dev.stamp ## Run every test on servers of its own (ARGS="-k name" selects)
	@$(BIN)/python -m whaticket.testing.run $(ARGS)

lint: $(VENV)/dev.stamp ## Check formatting, types, imports, migrations and the API document
	@$(BIN)/python -m whaticket.testing.lint

format: $(VENV)/dev.stamp ## Put the code into the one format
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## Run every benchmark; a table and JSON
	@$(BIN)/python -m bench $(ARGS)

openapi: $(VENV)/dev.stamp ## Write docs/openapi.yaml from the code
	@$(BIN)/python -m whaticket.testing.lint --write-openapi

lock: $(VENV)/dev.stamp ## Make requirements*.txt from requirements*.in (UPGRADE=1 takes newer versions)
	@$(LOCK) $(if $(UPGRADE),--upgrade) requirements.in --output-file requirements.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove the virtualenv and caches; data in var/ stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache htmlcov .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@found=; \
	for candidate in $(PYTHONS); do \
		if command -v "$$candidate" >/dev/null 2>&1 && "$$candidate" -c \
			'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found="$$candidate"; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'Python 3.11 or newer is needed and was not found. Name one with: make run PYTHON=/path/to/python3.11' >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "$$found cannot make a virtualenv: its ensurepip is missing." >&2; \
		echo 'On Debian and Ubuntu: sudo apt install python3-venv. Or name another: make run PYTHON=/path/to/python3.11' >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version) …"; \
	"$$found" -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo 'Installing dependencies (a minute or so) …'
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(BIN)/python
	@echo 'Installing dependencies and test tools (a minute or so) …'
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp
