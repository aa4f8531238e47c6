# Two commands set everything up by themselves: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/ready

.PHONY: demo test lint types layers check bench bench-peers torture lock clean

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

check: $(STAMP)
	$(BIN)/pytest -n 2 --dist loadfile

bench: $(STAMP)
	$(BIN)/python -m compileall -q src benchmarks
	$(BIN)/python -m benchmarks

# beancount is a program to compare with, in an environment of its own: its licence keeps it out of ours.
bench-peers:
	$(PYTHON) -m venv .bench
	.bench/bin/python -m pip install --quiet --disable-pip-version-check beancount

# Hours on two cores. One arm: .venv/bin/python -m tests.faults.torture kills
torture: $(STAMP)
	PYTHONPATH=. $(BIN)/python -m tests.faults.torture

# Needs rsvg-convert and a font with Chinese (on Debian: librsvg2-bin, fonts-wqy-microhei).
screens: $(STAMP)
	$(BIN)/python -m tests.tui.pictures
	@mkdir -p docs/screens
	for picture in tests/tui/looks/*.svg; do \
		rsvg-convert --width 800 "$$picture" --output "docs/screens/$$(basename "$$picture" .svg).png" || exit 1; \
	done

lock: $(STAMP)
	sh tools/lock.sh

clean:
	rm -rf $(VENV) .bench build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
