# Everything a newcomer needs: make run, make test. The rest: make help.
PYTHON ?= python3.11
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := .venv-uv/bin/uv
KAFKA_PORT ?= 9092
JOBS ?= 2

export PYTHONWARNINGS ?= default

.PHONY: help run tools test check lint types bench faults story kafka up catalogue lock clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(UV):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is needed (Debian: apt-get install python3 python3-venv); choose another with PYTHON=python3"; exit 2; }
	$(PYTHON) -m venv .venv-uv
	.venv-uv/bin/pip -q install --disable-pip-version-check uv==0.13.8

# The stamp of the smaller set is enough to run; the larger one holds it.
$(VENV)/.run: requirements.lock pyproject.toml | $(UV)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) --without-pip
	test -e $(VENV)/.dev || VIRTUAL_ENV=$(VENV) $(UV) pip install -q --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install -q --no-deps --no-build-isolation -e . || VIRTUAL_ENV=$(VENV) $(UV) pip install -q --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(UV)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) --without-pip
	VIRTUAL_ENV=$(VENV) $(UV) pip sync -q --require-hashes requirements-dev.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install -q --no-deps -e .
	touch $(VENV)/.run $@

node_modules/.stamp: package-lock.json | tools
	npm ci --ignore-scripts --no-audit --no-fund --silent
	touch $@

run: $(VENV)/.run ## the whole system on http://127.0.0.1:$(PORT), with the demonstration; Ctrl-C stops it
	PORT=$(PORT) $(BIN)/entaskan run

tools: ## programs that the tests need: Java, Maven, Node.js, Chromium, kcat, and the broker itself
	deploy/tools.sh
	$(PYTHON) deploy/kafka/broker.py fetch

test: tools $(VENV)/.dev node_modules/.stamp ## all tests: embedded PostgreSQL, real Kafka, real browser
	$(BIN)/python -m pytest -q -p no:cacheprovider -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.dev ## ruff and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

check: lint types test ## what CI runs

bench: $(VENV)/.dev ## ratios to limits measured in the same run; one of them: make bench ARGS=relay
	$(BIN)/python -m tests.bench $(ARGS)

faults: tools $(VENV)/.dev ## processes killed and frozen on the real system; ARGS="--only 5 --seeds 1", see docs/handbook/reliability.md
	$(BIN)/python -m tests.faults $(ARGS)

story: tools $(VENV)/.dev ## facilitation from priority location to settled loan and paid order, at scale; ARGS="--locations 4 --groups 20 --enterprises 500"
	$(BIN)/python -m tests.scale $(ARGS)

kafka: ## a real Kafka broker on 127.0.0.1:$(KAFKA_PORT), in the foreground
	$(PYTHON) deploy/kafka/broker.py run --port $(KAFKA_PORT)

up: ## the full deployment in containers
	docker compose up --build

catalogue: $(VENV)/.dev ## write docs/events anew from the contracts
	$(BIN)/python -m shared.catalogue

lock: $(UV) ## resolve the dependencies anew
	$(UV) pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock
	$(UV) pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-dev.lock

clean: ## forget embedded data (asks nothing)
	rm -rf .data
