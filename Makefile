# The same commands serve people and CI. Everything lives in .venv; delete it to start afresh.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# A window system for the tests: Xvfb where there is one to be had, else the system's own.
ifeq ($(shell uname -s),Linux)
WITH_SCREEN := QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24"
endif

.PHONY: setup run demo test check format bench lock package clean

setup: $(STAMP)
	@:

$(STAMP): requirements.lock pyproject.toml packaging/system_packages.py
	@$(PYTHON) packaging/system_packages.py
	@echo "Setting up $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: setup
	@$(BIN)/python -m console $(ARGS)

demo: setup
	@$(BIN)/python -m console demo $(ARGS)

# Two workers, as every machine has two cores, each with a screen (tests/workers.py); ARGS="-n 0 …" runs in one process, for a debugger.
test: setup
	@$(WITH_SCREEN) $(BIN)/python -m pytest -p no:xvfb -n 2 --dist loadfile $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	@$(WITH_SCREEN) $(BIN)/python -m benchmarks $(ARGS)

# Needs uv. One lock for all systems and Python versions, with hashes.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra dev pyproject.toml -o requirements.lock

package: setup
	$(BIN)/python -m hatchling build

clean:
	rm -rf $(VENV) dist
