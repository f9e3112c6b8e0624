# The one place for commands. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export BEFFROI_MATERIAL ?= $(abspath ../shared)

.PHONY: help setup setup-dev frontend messages demo test check format lint types imports unit lock tour fuzz bell-kills bench clean system-packages

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements.lock
	@$(PYTHON) tools/setup_venv.py $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements.lock
	@$(PYTHON) tools/setup_venv.py $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.run

setup: $(VENV)/.run frontend messages ## virtual environment, front end, message catalogues
setup-dev: $(VENV)/.dev frontend messages ## the same with the tools for development

frontend: $(VENV)/.run
	@$(BIN)/python tools/build_frontend.py

messages: $(VENV)/.run
	@$(BIN)/python tools/compile_messages.py

demo: setup ## open the demonstration village on http://localhost:8000
	@$(BIN)/beffroi demo --port $(PORT)

system-packages:
	@$(PYTHON) tools/system_packages.py

test: system-packages setup-dev ## the whole suite; installs missing system packages where root, names them where not
	@$(BIN)/python tools/run_tests.py

check: $(VENV)/.dev messages format lint types imports unit ## what must be green at every commit

format:
	@$(BIN)/ruff format --quiet --check src tests tools bench
lint:
	@$(BIN)/ruff check --quiet src tests tools bench
types:
	@$(BIN)/mypy
	@$(BIN)/python tools/build_frontend.py --types
imports:
	@$(BIN)/lint-imports --no-cache
unit:
	@$(BIN)/python -m pytest -q tests/unit tests/architecture

lock: ## resolve requirements*.in into hashed lock files without registry addresses (needs uv)
	@for part in "" "-dev" "-node"; do \
	  uv pip compile -q --universal --python-version 3.11 --no-build --generate-hashes --no-header --no-emit-index-url \
	    --no-annotate $$( [ "$$part" = "-dev" ] && echo "-c requirements.lock" ) requirements$$part.in -o requirements$$part.lock; done

fuzz: setup-dev ## requests drawn at random, 100,000 for the API, 10,000 for the door; the results go to docs/reference/fuzz*.md
	@$(BIN)/python tools/fuzz_api.py
	@$(BIN)/python tools/fuzz_door.py

bell-kills: setup-dev ## ten thousand presses through kills at every boundary of box and centre; the result goes to docs/reference/bell-kills.md
	@$(BIN)/python bench/bell_kills.py --to docs/reference/bell-kills.md

tour: setup-dev ## screenshots of the stories, French and English, into tour/; CHAPTERS=bell makes that chapter alone
	@$(BIN)/python tools/tour.py $(CHAPTERS)

clean: ## remove what was built (never data)
	rm -rf $(VENV) node_modules build dist src/beffroi/web/shared/static/beffroi/dist
