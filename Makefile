# Needs Python 3.11+, make and a network to the package registries; everything else is installed below .venv.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
PIP := python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
FRONTEND := $(shell find frontend/src frontend/public frontend/*.* -type f 2>/dev/null)
SCHEMA := frontend/src/shared/api/schema.yaml

.DEFAULT_GOAL := run
.PHONY: run test test-slow test-road check lint format types imports schema loop-real bench-queue bench-queue-full bench-releases bench-moderation bench-rewards bench-training bench-training-gpu bench-rl bench-goodhart bench-serving

run: .venv/web frontend/dist/.built  ## the site, and everything it needs
	@exec python manage.py up

test: .venv/dev frontend/dist/.built  ## the suite; ARGS="-k name" chooses
	@pytest -n 2 $(ARGS)

test-slow: .venv/dev frontend/dist/.built
	@pytest -m slow $(ARGS)

test-road: .venv/dev frontend/dist/.built  ## the whole road, walked in Chromium
	@pytest -m road $(ARGS)

loop-real: .venv/dev  ## the whole loop on real data: make loop-real DATA=folder
	@python -m tests.benchmarks.loop_real $(DATA)

bench-queue: .venv/dev  ## the annotator's hand-over under load, up to a million tasks
	@python -m tests.benchmarks.annotators_queue

bench-queue-full: .venv/dev  ## the same with ten million
	@python -m tests.benchmarks.annotators_queue --full

bench-releases: .venv/dev  ## import, freeze and views at a million rankings; SIZES=10000,100000 chooses
	@python -m tests.benchmarks.releases

bench-moderation: .venv/dev  ## filters trained on published labels beside TF-IDF; DATA=… is where those lie
	@python -m tests.benchmarks.moderation $(DATA)

bench-rewards: .venv/dev  ## reward models on published rankings beside people, length and TF-IDF; DATA=… is where those lie
	@python -m tests.benchmarks.rewards $(DATA)

bench-serving: .venv/dev  ## fifty streams at a time through the gateway beside the bare engine
	@python -m tests.benchmarks.serving

bench-training: .venv/dev  ## the training engine beside TRL, on processors; ARGS="--rows sft accuracy" chooses
	@python -W ignore -m tests.benchmarks.training.against_trl $(ARGS)

bench-rl: .venv/dev  ## answers written beside transformers' generate, policies moved beside TRL's RLOO
	@python -W ignore -m tests.benchmarks.training.rl

bench-goodhart: .venv/dev  ## what the monitor of over-optimised rewards saves, and whether it cries wolf
	@python -W ignore -m tests.benchmarks.goodhart

bench-training-gpu: .venv/dev  ## rankings read once beside rows and pairs, and austen-gpu, on an accelerator
	@python -m tests.benchmarks.training_gpu
	@python -m tests.benchmarks.training.austen_gpu

check: lint types imports .venv/dev frontend/node_modules/.installed  ## all that CI asks for beyond the tests
	@LOG_LEVEL=ERROR python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@mkdir -p var && python manage.py spectacular --validate --fail-on-warn --file var/schema.yaml
	@diff -u $(SCHEMA) var/schema.yaml || (echo "$(SCHEMA) is stale: run make schema" && exit 1)
	@python client/generate.py $(SCHEMA) var/shapes.py
	@diff -u client/bennet_client/shapes.py var/shapes.py || (echo "the client's shapes are stale: run make schema" && exit 1)
	@cd frontend && npm run --silent check

lint: .venv/dev
	@ruff check . && ruff format --check .

format: .venv/dev
	@ruff check --fix . && ruff format .

types: .venv/dev
	@mypy

imports: .venv/dev
	@lint-imports

schema: .venv/dev frontend/node_modules/.installed  ## after a change of the API
	@python manage.py spectacular --validate --fail-on-warn --file $(SCHEMA)
	@cd frontend && npm run --silent types:generate
	@python client/generate.py $(SCHEMA)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Bennet needs Python 3.11 or newer; set PYTHON to one." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv

.venv/web: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what the site needs …"
	@$(PIP) --editable ".[web]"
	@touch $@

.venv/dev: .venv/web
	@echo "Installing what the tests and training need …"
	@$(PIP) --editable ".[web,training,dev]"
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json .venv/web
	@echo "Installing what the pages are built with …"
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error --fetch-timeout=60000 --fetch-retries=5
	@touch $@

frontend/dist/.built: frontend/node_modules/.installed $(FRONTEND)
	@echo "Building the pages …"
	@cd frontend && npm run --silent build
	@python -m whitenoise.compress --quiet --no-brotli frontend/dist
	@touch $@
