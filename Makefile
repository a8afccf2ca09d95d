# Everything here needs Python 3.11+ and make, nothing else. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Tools that must not meet tapgen's dependencies: an environment each, of what .ci/<name>.lock names.
TOOLS := .tools
CHECKOV := $(TOOLS)/checkov
ZIZMOR := $(TOOLS)/zizmor
SPHINX := $(TOOLS)/docs
# What Sphinx makes: the site, and what it remembers of the pages.
SITE := .docs
# Two pips to try: the last that looks past a lock file, and a recent one.
PIPS := pip-old pip-new
# Folders or files of Guard rules to ask as well, for instance a clone of AWS's registry.
GUARD ?=
# One more than a small machine has processors: much of the time they wait for the local AWS.
WORKERS ?= 3
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS)
PEERS := benchmarks/peers/locks
QUIET := --quiet --disable-pip-version-check
PIP := pip install $(QUIET)
# A lock file names everything with its hash, so there is nothing to resolve. With --no-deps pip does
# not look at what an index offers today: pip before 23.3 refuses a complete lock as soon as a newer
# release appears of a project that is required with an extra. With --only-binary nothing is built, for
# which pip would take today's setuptools.
AS_LOCKED := --no-deps --only-binary :all: --require-hashes
LOCKED := $(PIP) $(AS_LOCKED) --requirement
LOCKS := requirements.lock $(wildcard .ci/*.lock) $(wildcard $(PEERS)/*.lock)
# What CI installs; pip-old is old on purpose, and only tried on what a test makes.
AUDITED := requirements.lock $(filter-out .ci/pip-old.lock,$(wildcard .ci/*.lock))
# How far `make test-later` sets the clock forward.
LATER ?= 365d

# Where this is set, as in many containers, each run would compile all tests anew.
unexport PYTHONDONTWRITEBYTECODE
# Jobs that run side by side print one after the other, where make can do that.
SIDE_BY_SIDE := --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)

.DEFAULT_GOAL := help
.PHONY: help browser check contracts demo docs docs-links docs-serve test test-fast test-properties test-later test-integration test-aws policy workflows lint types rendered render bench bench-peers pictures format lock clean pips installs audit

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

# Only files that name Hypothesis are collected: that is most of the time.
test-properties: $(READY) ## the property tests, with new examples in each run; SEED=<number> repeats one
	@seed=$${SEED:-$$(date +%s)}; again="make test-properties SEED=$$seed"; \
	echo "examples of seed $$seed, the same again with: $$again"; \
	$(BIN)/pytest --quiet -m hypothesis --hypothesis-profile=random --hypothesis-seed=$$seed \
		$$(grep -rl --include='test_*.py' hypothesis tests) \
	|| { echo "the same examples again: $$again"; exit 1; }

test-integration: $(READY) ## deploy dev to the local AWS and validate what is deployed
	$(BIN)/tapgen deploy --env dev --local --yes --quiet
	$(BIN)/tapgen outputs --env dev --local --format flat
	$(BIN)/pytest tests/integration

test-aws: $(READY) ## ask a real account how AWS behaves, and take dev there and away again: ACCOUNT=<its id>, PROFILE=, REGION=; docs/aws-tests.md
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

workflows: $(ZIZMOR)/.ready ## whether the workflows of GitHub Actions are secure
	$(ZIZMOR)/bin/zizmor --offline --no-progress .github
	$(ZIZMOR)/bin/zizmor --offline --no-progress examples/worker/.github

$(TOOLS)/%/.ready: .ci/%.lock
	@echo "installing $* into $(TOOLS)/$*"
	@$(PYTHON) -m venv --clear $(TOOLS)/$*
	@$(TOOLS)/$*/bin/python -m $(LOCKED) $<
	@$(TOOLS)/$*/bin/python -m pip check
	@touch $@

pips: $(PIPS:%=$(TOOLS)/%/.ready) ## an old and a recent pip for the tests of the installation

installs: pips ## install every lock file with both pips, each into a new environment; some minutes
	@set -e; for pip in $(PIPS); do for lock in $(LOCKS); do \
		echo "$$lock with $$pip"; \
		$(PYTHON) -m venv --clear --without-pip $(TOOLS)/tried; \
		$(TOOLS)/$$pip/bin/python -m pip --python $(TOOLS)/tried/bin/python \
			install $(QUIET) $(AS_LOCKED) --requirement $$lock; \
		$(TOOLS)/$$pip/bin/python -m pip --python $(TOOLS)/tried/bin/python check; \
	done; done; rm -rf $(TOOLS)/tried

audit: $(TOOLS)/audit/.ready ## ask whether what is locked has a known vulnerability
	@failed=0; for lock in $(AUDITED); do echo "$$lock"; \
		$(TOOLS)/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement $$lock || \
			failed=1; \
	done; exit $$failed

lint: $(READY) ## style
	$(BIN)/ruff check
	$(BIN)/ruff format --check

contracts: $(READY) ## what a module may import
	$(BIN)/lint-imports --no-logo

rendered: $(READY) ## whether templates_out/ is as rendered, and what cfn-lint says of it
	$(BIN)/tapgen render --check
	$(BIN)/cfn-lint templates_out/*.json

docs: $(SPHINX)/.ready ## the site of docs/, in .docs/html; a warning or a dead link within it is an error
	$(SPHINX)/bin/sphinx-build --quiet --jobs auto --fail-on-warning --keep-going --doctree-dir $(SITE)/pages \
		docs $(SITE)/html

docs-serve: docs ## show the site on this machine: PORT=8000
	@echo "http://127.0.0.1:$(or $(PORT),8000)"
	$(SPHINX)/bin/python -m http.server --bind 127.0.0.1 --directory $(SITE)/html $(or $(PORT),8000)

docs-links: $(SPHINX)/.ready ## whether the addresses that docs/ names answer; asks the network
	$(SPHINX)/bin/sphinx-build --quiet --jobs auto --builder linkcheck --doctree-dir $(SITE)/pages docs $(SITE)/links

types: $(READY) ## types
	$(BIN)/mypy

browser: $(READY) ## find Chromium or Chrome for the tests of the report, or install it by apt-get
	$(BIN)/python tests/browser/chromium.py

render: $(READY) ## write templates_out/
	$(BIN)/tapgen render

bench: $(READY) ## measure what commands cost beside their floors; some minutes
	$(BIN)/python -m benchmarks --keep

pictures: $(READY) $(TOOLS)/pictures/.ready ## draw the pictures of README and docs/ again, of what commands print and what was measured
	$(BIN)/python -m pictures
	$(TOOLS)/pictures/bin/python -m pictures.performance

bench-peers: $(READY) ## measure Sceptre, CFNgin, the CDK and the AWS CLI with the same layers; installs them into .bench; PART=commands or PART=deploy does only that
	$(BIN)/python -m benchmarks.peers $(PART:%=--only %) --keep

format: $(READY) ## put the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

COMPILE := $(TOOLS)/resolver/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'

lock: $(TOOLS)/resolver/.ready ## bring the lock files in line with what is asked for; LOCK=--upgrade takes newer versions
	echo 'setuptools>=77' | $(COMPILE) $(LOCK) --extra dev --output-file requirements.lock setup.cfg -
	set -e; for source in $(wildcard .ci/*.in $(PEERS)/*.in); do \
		$(COMPILE) $(LOCK) --output-file $${source%.in}.lock $$source; done

clean: ## stop the local AWS, remove everything that can be made again
	-[ ! -x $(BIN)/tapgen ] || $(BIN)/tapgen local stop
	rm -rf $(VENV) $(TOOLS) $(SITE) .policy .bench .tapgen cfn-outputs build dist *.egg-info .coverage .coverage.* htmlcov
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find tapgen tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
