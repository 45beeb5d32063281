# The two commands of the README are `make run` and `make test`; both make what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK_VENV := build/lock-venv
CODE := $(wildcard bot storage playground tests benchmarks)
# Whole processes that are killed, starved and hurried, and waited for more than they work; `make
# test` leaves them out.
SLOW := $(wildcard tests/crash tests/deployment tests/faults)
# What measures has the machine to itself.
LOAD := $(wildcard tests/load)
PIP := -m pip --disable-pip-version-check --quiet

# Where this is set every process compiles everything anew, the tests' assertions too.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-all domain lint format lock pictures clean

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: $(STAMP) ## Start the playground: the whole bot against a local stand-in for Slack
	$(BIN)/rekey playground

test: lint domain ## Check lint, types, import contracts and the fast tests, with the gate on coverage
	$(BIN)/pytest -n 3 --dist worksteal -m 'not postgresql' $(patsubst %,--ignore=%,tests/unit/domain $(SLOW) $(LOAD))

test-all: lint domain ## The same with every test, on a PostgreSQL server that is made for them
	$(BIN)/python -m tests.postgresql \
	  $(BIN)/pytest -n 2 --dist worksteal $(patsubst %,--ignore=%,tests/unit/domain $(SLOW) $(LOAD))
	$(BIN)/python -m tests.postgresql $(BIN)/pytest -n 3 --dist worksteal $(SLOW)
	$(BIN)/python -m tests.postgresql --durable $(BIN)/pytest $(LOAD)

# Only the domain's own tests are traced: they alone must cover it, and tracing costs a third more.
domain: $(STAMP)
	$(BIN)/pytest -n 2 --cov --cov-report= tests/unit/domain
	@mkdir -p build
	@$(BIN)/coverage report --include='bot/domain/*' --fail-under=100 >build/domain-coverage.txt \
	  || { cat build/domain-coverage.txt; echo 'bot/domain is not wholly covered, see above'; exit 1; }

lint: $(STAMP) ## Check style, types and the arrows between packages
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

format: $(STAMP) ## Lay out the code
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

# Taken from the ordinary index alone, whatever this machine's pip is told besides.
lock: ## Pin the newest releases that pyproject.toml admits
	$(PYTHON) -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/python $(PIP) install pip-tools
	env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	  $(LOCK_VENV)/bin/pip-compile --quiet --upgrade --generate-hashes --all-extras --no-strip-extras \
	  --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file requirements.lock pyproject.toml

pictures: $(STAMP) ## Take the documentation's pictures anew; needs Chromium
	$(BIN)/python -m tests.pictures

clean: ## Remove everything that was made
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	@echo "Installing into $(VENV): once, about a minute"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rekey needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) install --require-hashes -r requirements.lock
	$(BIN)/python $(PIP) install --no-deps --no-build-isolation -e .
	touch $@
