# Two commands set everything up by themselves: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/ready

.PHONY: demo test lint types layers check torture fuzz bench bench-peers screens lock clean

demo: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: lint types layers check

$(STAMP): requirements.lock pyproject.toml hatch_build.py $(wildcard src/cloudbooks/system/catalogues/zh/*.po)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	$(BIN)/python -m compileall -q src
	@touch $(STAMP)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

# More workers than cores: the tests of screens and of processes wait much of their time. Each begins with a quarter of
# all tests, in their order, so that what a module or a folder prepares is prepared once; who is done takes from others.
check: $(STAMP)
	$(BIN)/pytest -n 4 --dist worksteal

# Hours on two cores. Seeds of simulated machines that no test run plays: SEEDS="first count" chooses others. Then the
# faults; one arm of them: .venv/bin/python -m tests.faults.torture kills. Last the documents, each command a start.
SEEDS ?= 300 50000
torture: $(STAMP)
	CLOUDBOOKS_SEEDS="$(SEEDS)" $(BIN)/pytest -n 2 tests/peers/test_simulator.py
	PYTHONPATH=. $(BIN)/python -m tests.faults.torture
	CLOUDBOOKS_START=1 $(BIN)/pytest tests/transcripts

# Random keys on the screens, many more of them than the tests press.
fuzz: $(STAMP)
	CLOUDBOOKS_MONKEYS=300 $(BIN)/pytest -n 2 tests/tui/test_monkey.py

bench: $(STAMP)
	$(BIN)/python -m compileall -q src benchmarks
	$(BIN)/python -m benchmarks

# beancount is a program to compare with, in an environment of its own: its licence keeps it out of ours.
bench-peers:
	$(PYTHON) -m venv .bench
	.bench/bin/python -m pip install --quiet --disable-pip-version-check beancount

# Needs rsvg-convert and a font with Chinese (on Debian: librsvg2-bin, fonts-wqy-microhei).
screens: $(STAMP)
	$(BIN)/python -m tests.tui.pictures
	$(BIN)/python -m tests.tui.pictures_writing
	@mkdir -p docs/screens
	for picture in tests/tui/looks/*.svg; do \
		rsvg-convert --width 800 "$$picture" --output "docs/screens/$$(basename "$$picture" .svg).png" || exit 1; \
	done

lock: $(STAMP)
	sh tools/lock.sh

clean:
	rm -rf $(VENV) .bench build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
