# What one does with a clone. `make` alone prints the targets.

PYTHON ?= python3
GERANCE_HOME ?= .gerance
SCALE ?= 1
DEMO_FLAGS ?=
LOCK_FLAGS ?=

STAMP := .venv/.ready
# The certificates that this machine trusts, as pip does, so that a company's proxy works.
UV := .venv/bin/uv --system-certs

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format lock schema clean bench

help: ## print this
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(STAMP) ## build .venv with everything that the locks name
	@echo "Ready: .venv/bin/gerance"

# pip brings uv, uv brings the rest; every file is checked against its hash in the locks.
$(STAMP): pyproject.toml requirements.lock requirements-uv.lock
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) on PATH: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@echo 'Building .venv, the first time and whenever the locks change.' >&2
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(UV) pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## start a database, load sample data, serve (GERANCE_HOME, SCALE, DEMO_FLAGS)
	@exec env GERANCE_HOME="$(GERANCE_HOME)" .venv/bin/gerance demo --scale $(SCALE) $(DEMO_FLAGS)

test: lint ## all checks: format, lint, types, imports, tests
	.venv/bin/pytest -q -n auto --maxprocesses 4 --dist loadfile
	@echo "All checks passed."

lint: $(STAMP) ## the checks that run nothing: format, lint, types, imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

format: $(STAMP) ## put the code into its form, mend what can be mended
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	@echo "Formatted."

lock: $(STAMP) ## lock the requirements with hashes (LOCK_FLAGS=--upgrade for newer ones)
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 $(LOCK_FLAGS) --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements.lock
	echo uv | $(UV) pip compile - --universal --python-version 3.11 $(LOCK_FLAGS) --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements-uv.lock
	@echo "Locked: run make setup, then make test."

schema: $(STAMP) ## write what is checked of the schema, after a change of schema.sql
	.venv/bin/python -m tests.migration.declared

clean: ## remove what was built; the data in GERANCE_HOME stay
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Clean."

bench: $(STAMP) ## run the benchmarks, each peer beside us
	.venv/bin/python -m benchmarks
