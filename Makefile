# Two commands: `make demo` and `make test`. Each sets up a virtual environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test search lint build docs bench clean

demo: $(STAMP)
	$(BIN)/xlrotation demo --output exports --pdf

# All tests, on two processes.
test: $(STAMP)
	$(BIN)/python -m pytest -n 2

# The long searches as a whole; the tests run a sample of each.
search: $(STAMP)
	$(BIN)/python -m pytest -m search

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m xlrotation.fronts.build --check

# Everything that is generated and committed.
build: $(STAMP)
	$(BIN)/python -m xlrotation.fronts.build
	$(BIN)/xlrotation templates build

docs: $(STAMP)
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

bench: $(STAMP)
	$(BIN)/python benchmarks/headless.py
	$(BIN)/python benchmarks/exports.py
	$(BIN)/python benchmarks/calls.py
	$(BIN)/python benchmarks/options.py
	$(BIN)/python benchmarks/measures.py
	$(BIN)/python benchmarks/store.py

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV) || { echo "Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --editable ".[dev,server]"
	touch $@

clean:
	rm -rf $(VENV) build exports
