# Everything here needs Python 3.11+ and make, nothing else. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# checkov's dependencies conflict with tapgen's, so it lives apart.
CHECKOV := .policy/checkov
# Folders or files of Guard rules to ask as well, for instance a clone of AWS's registry.
GUARD ?=
# One more than a small machine has processors: much of the time they wait for the local AWS.
WORKERS ?= 3
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS)
PEERS := benchmarks/peers/locks
PIP := pip install --quiet --disable-pip-version-check
# A lock file names everything with its hash, so there is nothing to resolve. With --no-deps pip does
# not look at what an index offers today: pip before 23.3 refuses a complete lock as soon as a newer
# release appears of a project that is required with an extra.
LOCKED := $(PIP) --no-deps --require-hashes --requirement

# Where this is set, as in many containers, each run would compile all tests anew.
unexport PYTHONDONTWRITEBYTECODE
# Jobs that run side by side print one after the other, where make can do that.
SIDE_BY_SIDE := --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)

.DEFAULT_GOAL := help
.PHONY: help browser check contracts demo test test-fast test-integration policy lint types rendered render bench bench-peers format lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# Installed again when the dependencies change: what requirements.lock names, with the hashes it
# has. The project itself is editable.
$(READY): setup.cfg pyproject.toml requirements.lock
	@echo "installing into $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tapgen needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m $(LOCKED) requirements.lock
	@$(BIN)/python -m $(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check
	@$(BIN)/python -m compileall -q tapgen
	@touch $@

demo: $(READY) ## deploy dev to the local AWS, send a payment through it, show the answer
	$(BIN)/tapgen deploy --env dev --local --yes
	$(BIN)/tapgen outputs --env dev --local --format flat
	$(BIN)/python -m tapgen.local.demo
	@echo "The local AWS keeps running: $(BIN)/tapgen status --env dev --local"
	@echo "Stop it with:                $(BIN)/tapgen local stop"

check: lint contracts types ## style, import contracts, types: after every edit, less than half a minute

ifneq ($(origin T),command line)
test: $(READY) $(CHECKOV)/.ready ## everything: check, rendered files, lint, policy, all tests with coverage; T=tests/deploy/test_step.py runs only those tests
	$(MAKE) $(SIDE_BY_SIDE) check policy browser rendered
	$(PYTEST) -m "not integration" --cov --cov-report=term
	$(MAKE) test-integration
else
test: $(READY)
	$(BIN)/pytest $(T)
endif

test-integration: $(READY) ## deploy dev to the local AWS and validate what is deployed
	$(BIN)/tapgen deploy --env dev --local --yes --quiet
	$(BIN)/tapgen outputs --env dev --local --format flat
	$(BIN)/pytest tests/integration

test-fast: $(READY) ## the tests that take less than a second each: less than a minute
	$(PYTEST) --hypothesis-profile=quick -m "not slow and not integration"

policy: $(READY) $(CHECKOV)/.ready ## cfn-lint, own rules and security scanners over every environment
	@rm -rf .policy/resolved
	$(BIN)/tapgen render --resolved .policy/resolved
	$(CHECKOV)/bin/checkov --directory .policy/resolved --framework cloudformation \
		--skip-download --soft-fail --quiet --compact --output json > .policy/checkov.json
	$(BIN)/tapgen lint --policy --checkov .policy/checkov.json $(GUARD:%=--guard %)

$(CHECKOV)/.ready: .ci/checkov.lock
	@echo "installing checkov into $(CHECKOV)"
	@$(PYTHON) -m venv --clear $(CHECKOV)
	@$(CHECKOV)/bin/python -m $(LOCKED) .ci/checkov.lock
	@$(CHECKOV)/bin/python -m pip check
	@touch $@

lint: $(READY) ## style
	$(BIN)/ruff check
	$(BIN)/ruff format --check

contracts: $(READY) ## what a module may import
	$(BIN)/lint-imports --no-logo

rendered: $(READY) ## whether templates_out/ is as rendered, and what cfn-lint says of it
	$(BIN)/tapgen render --check
	$(BIN)/cfn-lint templates_out/*.json

types: $(READY) ## types
	$(BIN)/mypy

browser: $(READY) ## find Chromium or Chrome for the tests of the report, or install it by apt-get
	$(BIN)/python tests/browser/chromium.py

render: $(READY) ## write templates_out/
	$(BIN)/tapgen render

bench: $(READY) ## measure what commands cost beside their floors; some minutes
	$(BIN)/python -m benchmarks --keep

bench-peers: $(READY) ## measure Sceptre, CFNgin, the CDK and the AWS CLI with the same layers; installs them into .bench; PART=commands or PART=deploy does only that
	$(BIN)/python -m benchmarks.peers $(PART:%=--only %) --keep

format: $(READY) ## put the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'

lock: $(READY) ## bring the lock files in line with what is asked for; LOCK=--upgrade takes newer versions
	@$(BIN)/python -m $(PIP) uv==0.13.9
	echo 'setuptools>=77' | $(COMPILE) $(LOCK) --extra dev --output-file requirements.lock setup.cfg -
	$(COMPILE) $(LOCK) --output-file .ci/checkov.lock .ci/checkov.in
	$(COMPILE) $(LOCK) --output-file $(PEERS)/sceptre.lock $(PEERS)/sceptre.in
	$(COMPILE) $(LOCK) --output-file $(PEERS)/cfngin.lock $(PEERS)/cfngin.in
	$(COMPILE) $(LOCK) --output-file $(PEERS)/awscli.lock $(PEERS)/awscli.in

clean: ## stop the local AWS, remove everything that can be made again
	-[ ! -x $(BIN)/tapgen ] || $(BIN)/tapgen local stop
	rm -rf $(VENV) .policy .bench .tapgen cfn-outputs build dist *.egg-info .coverage .coverage.* htmlcov
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find tapgen tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
