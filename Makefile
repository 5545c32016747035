# `make demo` and `make test` do all their own set-up on Debian with Python 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What running needs, and what developing needs beside it, in one environment.
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.installed
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile

# Images of containers often set it; each of hundreds of processes would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test swift-parts compiled bench bench-search bench-curve machines first-licence soak lint lock words reference dist capacity debian npm dss-parts dss-table fuzz history kills mutate clean

$(RUNS): requirements/run.txt requirements/build.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --require-hashes -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(STAMP): $(RUNS) requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	touch $@

demo: $(RUNS)
	@$(BIN)/xinyin demo $(if $(SERVE),--serve)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A worker more than cores: some tests wait for services. Each has a stretch of neighbouring tests,
# which share what is made once for a module or a worker, and takes from others' when it is through.
# What ran is measured in all processes, which the interpreter's start-up file lets begin;
# `make test PYTEST_ARGS=tests/keys` tells of a part.
test: $(STAMP) debian npm dss-parts swift-parts
	@rm -rf .coverage
	@$(BIN)/python -m tests.coverage --install
	@$(MAKE) --no-print-directory --output-sync=target -j 2 lint compiled
	COVERAGE_DIR=$(CURDIR)/.coverage $(BIN)/pytest -n $(or $(WORKERS),$(shell expr $$(nproc) + 1)) --dist worksteal $(PYTEST_ARGS); \
	status=$$?; $(BIN)/python -m tests.coverage .coverage; exit $$status

# Compiles what each worker would otherwise compile for itself, on the core that the linters leave free;
# what cannot be collected, the tests tell.
compiled: $(STAMP)
	@COVERAGE_DIR=$(CURDIR)/.coverage $(BIN)/pytest --collect-only -qq $(PYTEST_ARGS) >/dev/null 2>&1 || true

bench: $(STAMP)
	@$(BIN)/python -m bench

# Four workers in network namespaces on one database and one object store, two of them killed: needs
# root. `make machines ROWS=2000` is quick; with WHOLE=--whole the two lose server and home as well.
machines: $(STAMP) swift-parts
	@$(BIN)/python -m bench.machines --rows $(or $(ROWS),50000) $(WHOLE)

# From an empty directory to a department's first licence of a type of its own: seconds, and how many
# commands nothing printed before had named.
first-licence: $(STAMP)
	@$(BIN)/python -m bench.first_licence

# What a search costs at a million licences, beside a look-up by primary key; with POSTGRESQL=1 there.
# `make bench-search LICENCES=100000` is quick.
bench-search: $(STAMP)
	@$(BIN)/python -m bench.sizes.search --licences $(or $(LICENCES),1000000) $(if $(POSTGRESQL),--postgresql)

# What look-ups, grants and changes cost by the number of licences: `make bench-curve
# SIZES=1000,1000000,10000000 NARROW=1`; with POSTGRESQL=1 there. Ten million take 60 GB, narrow 35.
# `python -m bench.sizes.picture` draws it.
bench-curve: SIZES ?= 1000,1000000
bench-curve: $(STAMP)
	@$(BIN)/python -m bench.sizes.curve --sizes $(SIZES) $(if $(POSTGRESQL),--postgresql) $(if $(NARROW),--narrow)

# Whether memory goes on growing under load: `make soak MINUTES=10`; an hour by itself.
soak: $(STAMP)
	@$(BIN)/python -m bench.serving.soak --minutes $(or $(MINUTES),60)

# What requests and licences cost, for the table in docs/operators-guide.md.
capacity: $(STAMP)
	@$(BIN)/python -m bench.capacity

# Independent witnesses and a browser, from Debian; says so where it may not install them.
debian:
	@sh deploy/debian-parts.sh

# From npm: an implementation of ML-DSA that is not ours, an OpenID provider, and axe.
npm:
	@sh deploy/npm-parts.sh

# EU DSS, an outside judge of what we seal, from Maven.
dss-parts: debian
	@sh deploy/dss-parts.sh

# Hostile bytes by the hundred thousand: `make fuzz SEED=2 COUNT=1000`; findings go to .fuzz/.
fuzz: $(STAMP)
	FUZZ_EXAMPLES=5000 $(BIN)/pytest -q -p no:cacheprovider --timeout 0 --hypothesis-seed=$(or $(SEED),1) tests/fuzz/test_parsers.py
	@$(BIN)/python -m tests.fuzz --seed $(or $(SEED),1) --count $(or $(COUNT),100000)

# Simulated histories on both databases: `make history SEED=7 STEPS=2000`; a failure says how to
# see it again.
history: $(STAMP)
	@$(BIN)/python -m tests.history --seed $(or $(SEED),1) --steps $(or $(STEPS),10000)

# Batches whose processes are killed at random, on both databases: `make kills SEED=2 ROWS=2000
# KILLS=50 DATABASE=sqlite`. FAULTS=1: database, disks (as root) and token fail instead.
kills: $(STAMP)
	@$(BIN)/python -m tests.kills --seed $(or $(SEED),1) --rows $(or $(ROWS),20000) --kills $(or $(KILLS),500) $(if $(DATABASE),--database $(DATABASE)) $(if $(FAULTS),--faults)

# What no test notices: `make mutate MODULE=ca/issuing/issue.py`; all modules that decide trust without it.
# SAMPLE=40 SEED=2 tries so many of each; QUICK=1 leaves out the second stage. See ADR 28.
mutate: $(STAMP)
	@$(BIN)/python -m tests.mutation $(MODULE) $(if $(SAMPLE),--sample $(SAMPLE)) --seed $(or $(SEED),1) $(if $(QUICK),--quick)

# OpenStack Swift, the tests' S3-compatible store, in an environment of its own.
swift-parts:
	@PYTHON=$(PYTHON) sh deploy/swift-parts.sh

# Its verdicts on the corpora beside ours, in both editions.
dss-table: $(STAMP) dss-parts
	@$(BIN)/python -m tests.dss_table

# The Chinese of the command line, as gettext reads it.
words: $(STAMP)
	@$(BIN)/python -m tests.cli.catalogue

# docs/configuration.md and docs/licence-types.md with their Chinese editions, from the models.
reference: $(STAMP)
	@$(BIN)/python -m tests.configuration
	@$(BIN)/python -m tests.licence_types

# What an operator installs: the wheel, the lock of what it needs, and the hash of each in dist/.
dist: $(RUNS)
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	cp requirements/run.txt deploy/install.sh dist/
	cd dist && sha256sum -- * >SHA256SUMS

# Versions and hashes only: no address of a registry goes into the lock.
lock:
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --python-version 3.11 pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --python-version 3.11 --group dev pyproject.toml requirements/build.in -o requirements/dev.txt
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --python-version 3.11 requirements/build.in -c requirements/dev.txt -o requirements/build.txt
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --python-version 3.11 requirements/swift.in -o requirements/swift.txt

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
