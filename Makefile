# Commands of the project. `make` alone lists them. With pyenv, PYENV_VERSION=3.11.7:3.12.1 selects
# the interpreters of test-all.

PYTHON ?= python3
GERANCE_HOME ?= .gerance
SCALE ?= 1
DEMO_FLAGS ?=
LOCK_FLAGS ?=
PYTHONS ?= python3.11 python3.12 python3.13
TESTS ?=
PYTEST := .venv/bin/pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Python caches what it compiles: without that, each of hundreds of processes compiles everything.
export PYTHONDONTWRITEBYTECODE =

STAMP := .venv/.ready
# The certificates that this machine trusts, as pip does, so that a company's proxy works.
UV := .venv/bin/uv --system-certs

.DEFAULT_GOAL := help
.PHONY: help setup demo check test test-all coverage lint format lock schema clean bench

help: ## print this
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(STAMP) ## build .venv with the locked requirements
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

check: lint ## the quick checks: format, lint, types, imports, unit and contract tests
	$(PYTEST) -m "unit or contract"
	@echo "The quick checks passed."

test: lint ## all checks: format, lint, types, imports, tests
	$(PYTEST)
	@echo "All checks passed."

test-all: ## run the tests with each Python of PYTHONS that is installed
	@for python in $(PYTHONS); do \
	    if ! $$python -c '' 2>/dev/null; then echo "$$python: not installed, skipped"; continue; fi; \
	    place=.venv-$$(basename $$python); $$python -m venv $$place && \
	    $$place/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock && \
	    $$place/bin/uv --system-certs pip install --quiet --python $$place/bin/python --require-hashes -r requirements.lock && \
	    $$place/bin/uv --system-certs pip install --quiet --python $$place/bin/python --no-deps --no-build-isolation --editable . && \
	    $$place/bin/pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(TESTS) || { echo "$$python: failed"; exit 1; }; \
	    echo "$$python: passed"; \
	done

coverage: $(STAMP) ## run all tests and report the lines that none executes (htmlcov/)
	rm -f .coverage .coverage.*
	.venv/bin/coverage run -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage html --quiet
	.venv/bin/coverage report

lint: $(STAMP) ## the static checks: format, lint, types, imports, unused code
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/python -m tests.quality.unused

format: $(STAMP) ## format the code, fix what can be fixed
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	@echo "Formatted."

lock: $(STAMP) ## lock the requirements with hashes (LOCK_FLAGS=--upgrade for newer ones)
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 $(LOCK_FLAGS) --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements.lock
	echo uv | $(UV) pip compile - --universal --python-version 3.11 $(LOCK_FLAGS) --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements-uv.lock
	$(UV) pip compile tests/clients/generators.in --universal --python-version 3.11 $(LOCK_FLAGS) --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet -o tests/clients/generators.lock
	@echo "Locked: run make setup, then make test."

schema: $(STAMP) ## write the catalog of the schema, after a change of schema.sql
	.venv/bin/python -m tests.migration.declared

clean: ## remove everything that was built; the data in GERANCE_HOME stay
	rm -rf .venv .venv-* dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Clean."

bench: $(STAMP) ## run the benchmarks next to each peer
	.venv/bin/python -m benchmarks
