# Bangfu. `make demo` shows the county of the mission; `make test` proves it. Both do all of their own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
DIST := src/bangfu/kit/static/kit/dist/manifest.json
BASE := $(VENV)/.base
DEV := $(VENV)/.dev
HOME_DIR := $(or $(BANGFU_HOME),$(CURDIR)/var)
SERVE ?= 1
SCALE ?=

.PHONY: help demo test test-full lint types bench bundle bundle-try docs clean front lock

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BASE) $(DIST) ## the demo county at http://127.0.0.1:8000 (SERVE=0 builds it and exits, SCALE=0.1 makes it smaller)
	@BANGFU_HOME="$(HOME_DIR)" $(BIN)/bangfu demo $(if $(SCALE),--scale $(SCALE),) $(if $(filter 0,$(SERVE)),--no-serve,)

test: $(DEV) $(DIST) ## everything that is checked on every change, the browser included
	@scripts/browser
	@$(MAKE) --no-print-directory lint types
	@$(BIN)/python -m pytest -m "not full" -n 3 --dist loadgroup

test-full: $(DEV) $(DIST) ## what takes longer: true scale, the whole matrix of pages
	@scripts/browser
	@$(MAKE) --no-print-directory lint types
	@$(BIN)/python -m pytest

lint: $(DEV) ## style and the layers between packages
	@$(BIN)/ruff check src tests && $(BIN)/ruff format --check src tests
	@$(BIN)/lint-imports --no-cache

types: $(DEV) ## types, strict
	@BANGFU_HOME=$(CURDIR)/build/types-home $(BIN)/mypy

bench: $(BASE) ## every budget with its baseline (NAME=screen for one)
	@$(BIN)/bangfu bench $(or $(NAME),all)

bundle: $(BASE) ## one folder that installs without any network, in build/bundle (PYTHONS="3.11 3.12": for these only)
	@$(BIN)/python scripts/bundle build/bundle $(PYTHONS)

bundle-try: ## install that folder, build the demo county and serve it, in a network namespace with nothing in it
	@scripts/bundle-try build/bundle/bangfu-*

docs: $(DEV) ## the pages that are made from the code: problems, data dictionary
	@BANGFU_HOME=$(CURDIR)/build/types-home $(BIN)/python -m bangfu.web.documents docs

front: $(DIST) ## the front end

lock: ## resolve the requirements anew
	@scripts/lock

clean: ## remove what was installed and built, never the data
	@rm -rf $(VENV) frontend/node_modules $(dir $(DIST)) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/pip:
	@scripts/environment $(VENV)

$(BASE): requirements/build.txt requirements/base.txt pyproject.toml | $(VENV)/bin/pip
	@echo "installing packages …" >&2
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/base.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(BASE) requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

FRONT := $(shell find frontend/src frontend/*.json frontend/*.ts 2>/dev/null)
$(DIST): $(FRONT) scripts/front | $(BASE)
	@scripts/front $(VENV)
	@touch $@
