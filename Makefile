# Every command makes its own set-up first; run again at once it finds that done and is quick.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check bench format lock clean setup setup-dev

# Compiled modules are kept whatever the machine says: without them every process of a test run compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE

WORKERS ?= 2
ARGS ?=

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

run: setup ## Start the portal with demonstration data (Ctrl-C stops it)
	@setup/pdf.sh
	@exec .venv/bin/portal demo run

test: setup-dev ## Run all tests, on SQLite, PostgreSQL and in a real browser; ARGS="-k window" chooses some
	@setup/browser.sh
	@setup/pdf.sh
	@.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup-dev ## Check formatting, style, types and who imports whom
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --cache-dir .cache/import-linter

bench: setup-dev ## Measure the speed at size; ARGS="..." is handed on
	@.venv/bin/python -m benchmarks $(ARGS)

format: setup-dev ## Put the code into the one format and mend what can be mended by machine
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock: setup-dev ## Choose the newest allowed versions of all packages and write the lock files
	@setup/lock.sh

clean: ## Remove what set-up and tests made (the data in instance/ stay)
	rm -rf .venv .cache node_modules static/vendor .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@setup/python.sh production
	@setup/assets.sh

setup-dev:
	@setup/python.sh dev
	@setup/assets.sh
