# Python 3.11+, git and make are all that is needed: everything else comes with pip.
PYTHON ?= python3
BIN := .venv/bin
# Tests need the extras too; a demo needs the core alone.
EXTRAS := dev,review,ray,recognise,benchmarks

.PHONY: demo test heavy lint check clean

demo: .venv/.core
	$(BIN)/trailers demo demo --season film

test: .venv/.all
	$(BIN)/pytest -n $${WORKERS:-2} --dist worksteal -m "not heavy"

# The tests that take more than half a minute each: whole runs on Ray, on odd films, of hundreds of clips.
heavy: .venv/.all
	$(BIN)/pytest -m heavy

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
