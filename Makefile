# Python 3.11+, git and make are all that is needed: everything else comes with pip.
PYTHON ?= python3
BIN := .venv/bin
# Tests need the extras too; a demo needs the core alone.
EXTRAS := dev,review,ray,recognise,benchmarks

.PHONY: demo test lint check clean

demo: .venv/.core
	$(BIN)/trailers demo demo --season film

test: .venv/.all
	$(BIN)/pytest -n $${WORKERS:-2} --dist worksteal

lint: .venv/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

clean:
	rm -rf .venv build dist *.egg-info

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/.core: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch $@

.venv/.all: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install --quiet -c constraints.txt -e ".[$(EXTRAS)]"
	touch .venv/.core $@
