# Everything a newcomer runs: `make demo` and `make test` set up what they need by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test pytest test-services test-network test-cluster test-storage test-browser test-typescript pictures check lint-openapi docs evaluate attacks bench growth chaos load fuzz audit lock clean

demo: $(VENV)/.run
	@$(BIN)/candor demo

# Bytecode is kept even where the environment says not to: each worker and each process started would compile all anew.
# The checks run beside the tests, as mypy keeps one core busy and leaves the others. So do the tests that start whole
# services: they mostly wait, so three workers share their files, and beside them two workers are enough, each of which
# reads and compiles all other tests.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev
	@$(MAKE) --no-print-directory -j 3 check test-services pytest

pytest: $(VENV)/.dev
	@$(BIN)/pytest -n 2 --dist worksteal --ignore tests/integration

test-services: $(VENV)/.dev
	@$(BIN)/pytest -n 3 --dist loadfile tests/integration

# Against a Bluesky of its own: needs Node.js 20 or newer and Postgres, which set_up.sh looks for and says.
test-network: $(VENV)/.dev
	@tests/integration/bluesky/set_up.sh
	@$(BIN)/pytest -m network -s tests/integration/bluesky

# Reads openapi.yaml with Redocly and Spectral: needs Node.js 20 or newer.
LINTERS := tests/contract/linters
lint-openapi: $(LINTERS)/node_modules
	@REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(LINTERS)/node_modules/.bin/redocly lint openapi.yaml --config $(LINTERS)/redocly.yaml
	@$(LINTERS)/node_modules/.bin/spectral lint openapi.yaml --ruleset $(LINTERS)/spectral.yaml --fail-severity hint

$(LINTERS)/node_modules: $(LINTERS)/package-lock.json
	@cd $(LINTERS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# With a client made for TypeScript: needs Node.js 20 or newer.
TYPESCRIPT := tests/contract/typescript
test-typescript: $(VENV)/.dev $(TYPESCRIPT)/node_modules
	@$(BIN)/pytest -n 0 -m typescript tests/contract

$(TYPESCRIPT)/node_modules: $(TYPESCRIPT)/package-lock.json
	@cd $(TYPESCRIPT) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Boards by a Spark Connect server of two worker processes: needs `pip install pysail pyspark-client`, and skips without.
test-cluster: $(VENV)/.dev
	@$(BIN)/pytest -m cluster tests/boards

# Data sets under an S3 address, with a server on this machine: needs `pip install s3fs 'moto[s3]'`, and skips without.
test-storage: $(VENV)/.dev
	@$(BIN)/pytest -n 0 -m storage tests/integration

# In a real browser: needs chromium, which set_up.sh looks for and says.
test-browser: $(VENV)/.dev
	@tests/browser/set_up.sh
	@$(BIN)/pytest -m browser tests/browser

# The pictures of the pages that README.md shows, from the sample.
pictures: $(VENV)/.dev
	@tests/browser/set_up.sh
	@$(BIN)/python -m lab.screenshots

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# Makes again what is made from facts: the tables of the method and of the model card, the digest that verify knows, the table of settings and openapi.yaml.
docs: $(VENV)/.dev
	@$(BIN)/python -m lab.docs
	@$(BIN)/python -m lab.measure --tables
	@$(BIN)/python -m service.openapi

# Measures accuracy, attacks and intervals and writes the model card's tables; the variable names a folder of data sets.
evaluate: $(VENV)/.dev
	@$(BIN)/python -m lab.measure --data "$(CANDOR_EVALUATION_DATA)"

# Stages every attack on a made-up community and draws what it gains against what it costs; some minutes.
attacks: $(VENV)/.dev
	@$(BIN)/candor attack --plot docs/attacks.svg

# Each figure beside a named reference in the same run, and docs/performance.md; BENCH=--long adds the boards of up to
# 11 million events, which take minutes and some gigabytes, BENCH="job read" measures some rows.
bench: $(VENV)/.dev
	@$(BIN)/python -m lab.speed.table $(BENCH)

# Boards of four sizes, and docs/growth.svg.
growth: $(VENV)/.dev
	@$(BIN)/python -m lab.speed.boards

# Breaks a running service in every way we could think of, and counts 10,000 jobs through it: 20 minutes and more.
# The scenario of the full disk mounts a small one, which takes root. CHAOS=--quick is 500 jobs.
chaos: $(VENV)/.dev
	@$(BIN)/python -m lab.chaos $(CHAOS)

# Needs wrk, a load generator of Debian's: apt-get install wrk.
load: $(VENV)/.dev
	@$(BIN)/python -m lab.load

# Made-up records, archives, topics and requests, forty times as many as every day and others each time: half an hour.
fuzz: $(VENV)/.dev
	@HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -n 0 --hypothesis-seed=$$(date +%s) tests/properties/test_made_up_input.py tests/contract/test_schemathesis.py

# Asks the package index for what is known against the locked versions, so it is not among the tests; fails too where
# the index cannot say.
audit: $(VENV)/.dev
	@$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes -r requirements/run.txt -r requirements/dev.txt

# Needs uv; rewrites the locks from pyproject.toml. The locks name no index.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q --group dev -c requirements/run.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) .candor build *.egg-info tests/integration/bluesky/node_modules $(LINTERS)/node_modules $(TYPESCRIPT)/node_modules
