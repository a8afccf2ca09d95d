# All targets need only Python 3.11+ and make. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Tools whose dependencies conflict with tapgen's: each has its own environment, from .ci/<name>.lock.
TOOLS := .tools
CHECKOV := $(TOOLS)/checkov
ZIZMOR := $(TOOLS)/zizmor
SPHINX := $(TOOLS)/docs
# Output of Sphinx: the site, and its cache.
SITE := .docs
# Two versions of pip to test: the last one that resolves more than a lock file, and a recent one.
PIPS := pip-old pip-new
# Folders or files with more Guard rules, for instance a clone of AWS's registry.
GUARD ?=
# Two more than there are processors, because tests often wait for the local AWS. Each uses about 700 MB.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 2, 8))')
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS)
PEERS := benchmarks/peers/locks
QUIET := --quiet --disable-pip-version-check
PIP := pip install $(QUIET)
# A lock file lists everything with its hash, so there is nothing to resolve. With --no-deps, pip ignores
# newer releases in the index: pip before 23.3 refuses a complete lock as soon as a project that is
# required with an extra has a newer release. With --only-binary, nothing is built, which would use the
# latest setuptools.
AS_LOCKED := --no-deps --only-binary :all: --require-hashes
LOCKED := $(PIP) $(AS_LOCKED) --requirement
LOCKS := requirements.lock $(wildcard .ci/*.lock) $(wildcard $(PEERS)/*.lock)
# The lock files that CI installs. pip-old is outdated on purpose, and used only on packages from tests.
AUDITED := requirements.lock $(filter-out .ci/pip-old.lock,$(wildcard .ci/*.lock))
# How far `make test-later` moves the clock forward.
LATER ?= 365d

# If this is set, as in many containers, each run would compile all tests again.
unexport PYTHONDONTWRITEBYTECODE
# Parallel jobs print one after the other, if make supports that.
SIDE_BY_SIDE := --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)

.DEFAULT_GOAL := help
.PHONY: help browser check contracts demo docs docs-links docs-serve test test-fast test-properties test-later test-integration test-aws policy workflows lint types rendered render bench bench-peers pictures format lock clean pips installs audit

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# Installed again when the dependencies change, from requirements.lock and its hashes. The project
# itself is editable.
$(READY): setup.cfg pyproject.toml requirements.lock
	@echo "installing into $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tapgen needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m $(LOCKED) requirements.lock
	@$(BIN)/python -m $(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check
	@$(BIN)/python -m compileall -q tapgen
	@touch $@

demo: $(READY) ## deploy dev to the local AWS, send a payment through it, show the response
	$(BIN)/tapgen deploy --env dev --local --yes
	$(BIN)/tapgen outputs --env dev --local --format flat
	$(BIN)/python -m tapgen.payments.demo
	@echo "The local AWS keeps running: $(BIN)/tapgen status --env dev --local"
	@echo "Stop it with:                $(BIN)/tapgen local stop"

check: lint contracts types ## style, import contracts, types: after every edit, less than half a minute

ifneq ($(origin T),command line)
test: $(READY) $(CHECKOV)/.ready $(ZIZMOR)/.ready $(SPHINX)/.ready ## everything: check, rendered files, lint, policy, workflows, all tests with coverage; T=tests/deploy/run/test_step.py runs only those tests
	$(MAKE) $(SIDE_BY_SIDE) check policy workflows browser docs rendered pips
	$(PYTEST) -m "not integration" --cov --cov-report=term --durations=25 --durations-min=20
	$(MAKE) test-properties
	$(MAKE) test-integration
else
test: $(READY)
	$(BIN)/pytest $(T)
endif

# Only files that mention Hypothesis are collected, because collecting takes most of the time.
test-properties: $(READY) ## the property tests, with new examples in each run; SEED=<number> repeats one
	@seed=$${SEED:-$$(date +%s)}; again="make test-properties SEED=$$seed"; \
	echo "examples of seed $$seed; repeat them with: $$again"; \
	$(BIN)/pytest --quiet -m hypothesis --hypothesis-profile=random --hypothesis-seed=$$seed \
		$$(grep -rl --include='test_*.py' hypothesis tests) \
	|| { echo "repeat the same examples with: $$again"; exit 1; }

test-integration: $(READY) ## deploy dev to the local AWS and validate what is deployed
	$(BIN)/tapgen deploy --env dev --local --yes --quiet
	$(BIN)/tapgen outputs --env dev --local --format flat
	$(BIN)/pytest tests/integration

test-aws: $(READY) ## test how AWS behaves in a real account, and deploy and destroy dev there: ACCOUNT=<its id>, PROFILE=, REGION=; docs/aws-tests.md
	$(BIN)/python -m tests.proof $(if $(ACCOUNT),--account "$(ACCOUNT)") $(if $(REGION),--region "$(REGION)") \
		$(if $(PROFILE),--profile "$(PROFILE)") $(if $(PART),--part "$(PART)") $(if $(YES),--yes)

test-fast: $(READY) ## the tests that take less than a second each: less than a minute
	$(PYTEST) --hypothesis-profile=quick -m "not slow and not integration"

test-later: $(READY) $(TOOLS)/clock/.ready ## the quick tests with the clock a year ahead, or LATER=1200d; Linux on x86-64
	.ci/later $(LATER) $(BIN)/pytest --numprocesses $(WORKERS) -m "not slow and not integration"

policy: $(READY) $(CHECKOV)/.ready ## cfn-lint, own rules and security scanners over every environment
	@rm -rf .policy/resolved
	$(BIN)/tapgen render --resolved .policy/resolved
	$(CHECKOV)/bin/checkov --directory .policy/resolved --framework cloudformation \
		--skip-download --soft-fail --quiet --compact --output json > .policy/checkov.json
	$(BIN)/tapgen lint --policy --checkov .policy/checkov.json $(GUARD:%=--guard %)

workflows: $(ZIZMOR)/.ready ## check the security of the GitHub Actions workflows
	$(ZIZMOR)/bin/zizmor --offline --no-progress .github
	$(ZIZMOR)/bin/zizmor --offline --no-progress examples/worker/.github

$(TOOLS)/%/.ready: .ci/%.lock
	@echo "installing $* into $(TOOLS)/$*"
	@$(PYTHON) -m venv --clear $(TOOLS)/$*
	@$(TOOLS)/$*/bin/python -m $(LOCKED) $<
	@$(TOOLS)/$*/bin/python -m pip check
	@touch $@

pips: $(PIPS:%=$(TOOLS)/%/.ready) ## install an old and a recent pip for the installation tests

installs: pips ## install every lock file with both pips, each into a new environment; some minutes
	@set -e; for pip in $(PIPS); do for lock in $(LOCKS); do \
		echo "$$lock with $$pip"; \
		$(PYTHON) -m venv --clear --without-pip $(TOOLS)/tried; \
		$(TOOLS)/$$pip/bin/python -m pip --python $(TOOLS)/tried/bin/python \
			install $(QUIET) $(AS_LOCKED) --requirement $$lock; \
		$(TOOLS)/$$pip/bin/python -m pip --python $(TOOLS)/tried/bin/python check; \
	done; done; rm -rf $(TOOLS)/tried

audit: $(TOOLS)/audit/.ready ## check the lock files for known vulnerabilities
	@failed=0; for lock in $(AUDITED); do echo "$$lock"; \
		$(TOOLS)/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement $$lock || \
			failed=1; \
	done; exit $$failed

lint: $(READY) ## check the style
	$(BIN)/ruff check
	$(BIN)/ruff format --check

contracts: $(READY) ## check the import contracts
	$(BIN)/lint-imports --no-logo

rendered: $(READY) ## check that templates_out/ is up to date, and run cfn-lint on it
	$(BIN)/tapgen render --check
	$(BIN)/cfn-lint templates_out/*.json

docs: $(SPHINX)/.ready ## build the site from docs/ in .docs/html; a warning or a dead internal link is an error
	$(SPHINX)/bin/sphinx-build --quiet --jobs auto --fail-on-warning --keep-going --doctree-dir $(SITE)/pages \
		docs $(SITE)/html

docs-serve: docs ## serve the site on this machine: PORT=8000
	@echo "http://127.0.0.1:$(or $(PORT),8000)"
	$(SPHINX)/bin/python -m http.server --bind 127.0.0.1 --directory $(SITE)/html $(or $(PORT),8000)

docs-links: $(SPHINX)/.ready ## check the external links in docs/; needs the network
	$(SPHINX)/bin/sphinx-build --quiet --jobs auto --builder linkcheck --doctree-dir $(SITE)/pages docs $(SITE)/links

types: $(READY) ## check the types
	$(BIN)/mypy

browser: $(READY) ## find Chromium or Chrome for the report's tests, or install it with apt-get
	$(BIN)/python tests/browser/chromium.py

render: $(READY) ## write templates_out/
	$(BIN)/tapgen render

bench: $(READY) ## measure commands against their lower bounds; takes some minutes
	$(BIN)/python -m benchmarks --keep

pictures: $(READY) $(TOOLS)/pictures/.ready ## draw the pictures of README and docs/ again, from commands' output and measurements
	$(BIN)/python -m pictures
	$(TOOLS)/pictures/bin/python -m pictures.performance

bench-peers: $(READY) ## measure Sceptre, CFNgin, the CDK and the AWS CLI with the same layers, installed into .bench; PART=commands or PART=deploy for one part
	$(BIN)/python -m benchmarks.peers $(PART:%=--only %) --keep

format: $(READY) ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

COMPILE := $(TOOLS)/resolver/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'

lock: $(TOOLS)/resolver/.ready ## update the lock files from their sources; LOCK=--upgrade uses newer versions
	echo 'setuptools>=77' | $(COMPILE) $(LOCK) --extra dev --output-file requirements.lock setup.cfg -
	set -e; for source in $(wildcard .ci/*.in $(PEERS)/*.in); do \
		$(COMPILE) $(LOCK) --output-file $${source%.in}.lock $$source; done

clean: ## stop the local AWS, and delete all generated files
	-[ ! -x $(BIN)/tapgen ] || $(BIN)/tapgen local stop
	rm -rf $(VENV) $(TOOLS) $(SITE) .policy .bench .tapgen cfn-outputs build dist *.egg-info .coverage .coverage.* htmlcov
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find tapgen tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
