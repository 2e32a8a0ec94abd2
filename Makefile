# Two commands: `make demo` and `make test`. Each sets up a virtual environment first.

PYTHON ?= python3
WINDOWS ?= $(HOME)/.cache/xlrotation-windows
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
USER_STAMP := $(VENV)/.installed-for-use

# pip compiles a package that it copies, but none that stays where it is; where PYTHONDONTWRITEBYTECODE is set, as in
# containers, Python would compile that at every start anew. A source that changes later is noticed by its time.
COMPILE = $(BIN)/python -m compileall -qq --invalidation-mode timestamp xlrotation || \
	echo "xlrotation could not be compiled here, so it starts more slowly"

.PHONY: demo setup test test-windows test-wasm test-floors test-python test-debian search pages mutants lint build docs audit bench bench-resume bench-short clean

# Installs what a user needs, and nothing for development.
demo: $(USER_STAMP)
	@$(COMPILE)
	$(BIN)/xlrotation demo --output exports --pdf

# What the other targets need; continuous integration does it before anything else.
setup: $(STAMP)
	@$(COMPILE)

# All tests, on two processes.
test: $(STAMP)
	@$(COMPILE)
	$(BIN)/python -m pytest -n 2

# The functions on Windows' Python under Wine, over real COM; needs Debian and CPython 3.11, and gets what else it needs
# (2 GB in the folder WINDOWS, which is kept). SAMPLE=--sample runs what continuous integration has time for;
# TESTS="tests/market tests/workbook" those of the project alone.
test-windows: $(STAMP)
	$(BIN)/python tools/windows/run.py $(WINDOWS) $(SAMPLE) $(TESTS)

# Every function on WebAssembly; the first time takes some minutes.
test-wasm: $(STAMP)
	$(BIN)/python tools/wasm.py build/wasm

# The oldest versions of the dependencies that are allowed; SAMPLE=--sample runs what continuous integration has time for.
test-floors: $(STAMP)
	$(BIN)/python tools/floors.py build/floors $(SAMPLE)

# Another Python with the newest versions: make test-python OTHER=python3.13
test-python: $(STAMP)
	@test -n "$(OTHER)" || { echo "which Python? make test-python OTHER=python3.13"; exit 2; }
	$(BIN)/python tools/floors.py build/$(notdir $(OTHER)) --newest --python $(OTHER) $(SAMPLE)

# A newer Debian, with its Python and its LibreOffice: RELEASE=trixie (3.13, 25.2) or testing; needs root.
RELEASE ?= trixie
test-debian: $(STAMP)
	$(BIN)/python tools/debian.py build/debian $(RELEASE) $(TESTS)

# The long searches as a whole; the tests run a sample of each.
search: $(STAMP)
	$(BIN)/python -m pytest -m search

# The printed pages of every book in every language; the tests look at a sample. Needs LibreOffice and poppler-utils.
pages: $(STAMP)
	$(BIN)/python -m pytest -m search tests/reports/test_rendered.py

# Breaks a line at a time and lists what no test noticed; some half an hour, run by hand.
mutants: $(STAMP)
	$(BIN)/python tools/mutants.py

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m xlrotation.fronts.build --check
	$(BIN)/python -m tests.proofs --check
	$(BIN)/python tools/pictures.py --check

# Everything that is generated and committed.
build: $(STAMP)
	$(BIN)/python -m xlrotation.fronts.build
	$(BIN)/python -m tests.proofs
	$(BIN)/xlrotation templates build

# The pictures of front pages that are stale; needs LibreOffice, poppler-utils and fonts-noto-cjk.
pictures: $(STAMP)
	$(BIN)/python tools/pictures.py

docs: $(STAMP)
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

# Known vulnerabilities of the declared dependencies; needs a network, and is no part of the tests.
audit: $(STAMP)
	$(BIN)/python tools/audit_passages.py
	$(BIN)/python -m pip_audit --version > /dev/null 2>&1 || $(BIN)/python -m pip install --quiet ".[audit]" || \
		{ echo "the audit could not be done: pip-audit cannot be installed; is there a network?" >&2; exit 2; }
	$(BIN)/python tools/audit.py

# Every script of benchmarks/, some twenty minutes, or SCRIPTS="calls options"; writes docs/benchmarks.md and the README.
bench: $(STAMP)
	PYTHONPATH=benchmarks:. $(BIN)/python -m harness $(SCRIPTS)

# The scripts that an interrupted run left.
bench-resume: $(STAMP)
	PYTHONPATH=benchmarks:. $(BIN)/python -m harness --resume $(SCRIPTS)

# Without what takes long; writes nothing.
bench-short: $(STAMP)
	PYTHONPATH=benchmarks:. $(BIN)/python -m harness --short $(SCRIPTS)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV) || { echo "Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --editable ".[dev,server,mcp]"
	touch $@ $(USER_STAMP)

$(USER_STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV) || { echo "Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

clean:
	rm -rf $(VENV) build exports
