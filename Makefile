# The two commands: `make demo` grades a sample class, `make test` runs every test.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check --no-input install --constraint constraints.txt

.PHONY: help demo test test-long lab build pins clean
help:
	@echo "make demo       grade the sample class in demo/"
	@echo "make lab        open the lessons in JupyterLab"
	@echo "make build      make source/ and release/ from course/lessons/"
	@echo "make test       run every test"
	@echo "make test-long  run the soaks and long sweeps"

demo: .venv/grading
	@sh tools/system-packages.sh bwrap
	$(BIN)/python examples/class/demo.py

lab: .venv/grading
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --notebook-dir=release

build: .venv/grading
	$(BIN)/autograder build

test: .venv/everything
	@sh tools/system-packages.sh bwrap chromium postgres
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/autograder build --check
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-long: .venv/everything
	@sh tools/system-packages.sh bwrap chromium postgres
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

.venv/bin/python:
	@sh tools/system-packages.sh venv
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv

.venv/grading: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[grading]'
	@touch $@

.venv/everything: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[grading,frameworks,cluster,postgres,dev]'
	@touch $@ .venv/grading

pins: .venv/everything
	@$(BIN)/python tools/pins.py

clean:
	rm -rf .venv demo build artefacts *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
