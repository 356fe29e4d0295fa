# ganzhi: everything a developer or a CI machine calls. `make help` lists the targets.
#
# Only needs: python3 >= 3.11 with venv, and a Python package index (or WHEELS=<folder of wheels>).

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8350
DEMO   ?= demo
DEMO_ARGS ?=
WHEELS ?=
JOBS   ?= auto
PYTEST_ARGS ?=
SPREAD := --dist loadgroup --no-loadscope-reorder

BIN  := $(VENV)/bin
PIP  := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet
ifneq ($(WHEELS),)
PIP  += --no-index --find-links $(WHEELS)
endif

.DEFAULT_GOAL := help
.PHONY: help venv demo test check coverage sweep axe quick lint types imports requirements docs bench wheelhouse constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("ganzhi needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) --editable '.[dev,postgres]'
	@touch $@ $(VENV)/.demo

venv: $(VENV)/.dev ## a virtual environment with everything a developer needs

demo: $(VENV)/.demo ## simulate a province, load it and the sample, serve the pages (PORT=8350, DEMO=demo, DEMO_ARGS=)
	$(BIN)/ganzhi demo -w $(DEMO) --port $(PORT) $(DEMO_ARGS)

test: check ## everything CI runs: lint, types, import contracts, all tests

check: venv lint types imports ## the same as `make test`
	scripts/system-packages
	$(BIN)/python -m compileall -q -j 0 src  # the tests start hundreds of processes
	$(BIN)/python -m pytest -n $(JOBS) $(SPREAD) $(PYTEST_ARGS)

coverage: venv ## all tests with branch coverage, by module
	scripts/system-packages
	$(BIN)/python -m pytest -n $(JOBS) $(SPREAD) --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

sweep: venv ## kill -9 at every single system call, every role in both languages, a Spark cluster (`make test` thins them)
	GANZHI_SWEEP=all $(BIN)/python -m pytest -n $(JOBS) $(SPREAD) tests/kill tests/whole/test_rights.py tests/conformance/test_cluster.py $(PYTEST_ARGS)

axe: venv ## accessibility of every page in both languages at every width (`make test` thins it)
	scripts/system-packages
	GANZHI_AXE=all $(BIN)/python -m pytest -n $(JOBS) $(SPREAD) tests/portal/test_axe.py $(PYTEST_ARGS)

quick: venv ## the tests that take seconds
	$(BIN)/python -m pytest -n $(JOBS) -m 'not slow' $(PYTEST_ARGS)

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: venv
	$(BIN)/mypy

imports: venv
	$(BIN)/lint-imports

requirements: venv ## which requirements the tests prove, per capability
	$(BIN)/python tools/requirements.py -n $(JOBS)

docs: venv ## write docs/reference anew from the code
	$(BIN)/python -m tools.docs

bench: venv ## speed against hand-written SQL, as ratios within one run
	@for script in $(filter-out benchmarks/__init__.py benchmarks/generate.py,$(sort $(wildcard benchmarks/*.py))); do \
	    $(BIN)/python -m benchmarks.$$(basename $$script .py) || exit 1; \
	done

wheelhouse: venv ## build/wheelhouse: all wheels for a machine without a network
	rm -rf build/wheelhouse && mkdir -p build/wheelhouse
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip wheel --quiet --wheel-dir build/wheelhouse '.[postgres,kafka,oidc,text]'
	cp constraints.txt build/wheelhouse/

constraints: ## renew constraints.txt from the newest versions pyproject.toml allows
	rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet '.[dev,postgres]' hatchling
	( sed -n '1,/^[^#]/{/^#/p}' constraints.txt; build/constraints/bin/python -m pip freeze --exclude ganzhi ) > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean: ## remove what the targets above made, except the demo workspace
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov requirements-report
