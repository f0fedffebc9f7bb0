# make demo    set up .venv, diagnose an example city, say where the report is, serve the platform with it
# make test    the tests: a quarter of an hour on two cores
# make test-whole  those that take a browser, or a platform that is killed, filled up or cut off
# make test-postgres  the platform's tests on PostgreSQL: ISOPOLIS_TEST_DATABASE_URL, or one made for it
# make soak    25 rounds of each kill -9, on both databases, 10,000 random votes (half an hour on two free cores)
# make lint    ruff, mypy, import arrows
# make messages  collect all texts, update and compile the catalogues (docs/translating.md)
# make bench   speed beside other tools, all areas or AREA=segregation
# make coverage  how often intervals hold the truth, 2,000 cities per cell (an hour or more; docs/noise.md)
# make clean   remove what the commands above made

SHELL := /bin/sh
# the tests start hundreds of processes, each of which would compile everything anew without this
unexport PYTHONDONTWRITEBYTECODE
VENV  := .venv
BIN   := $(VENV)/bin
# The first of these that is new enough and can make virtual environments is taken:
# make demo PYTHON=/path/to/python chooses another.
PYTHON := python3.13 python3.12 python3.11 python3.14 python3 python
PIP   := $(BIN)/python -m pip --disable-pip-version-check --quiet
AREA  :=
# make demo SERVE=0 ends after the report; the platform takes a free port unless told: make demo PORT=8000
SERVE := 1
PORT  := 0

.PHONY: help demo test test-whole test-postgres soak lint lint-style lint-types lint-arrows messages bench coverage clean
.DELETE_ON_ERROR:

help:
	@sed -n 's|^# \(make [a-z-]*  .*\)|\1|p' Makefile

# -- environments: a stamp each, so that a second run costs nothing ------------------------------
$(VENV)/made:
	@python=; bare=; seen=; \
	for p in $(PYTHON); do \
	  version=$$("$$p" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  seen="$$seen $$p ($$version)"; \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue; \
	  if "$$p" -c 'import ensurepip, venv' 2>/dev/null; then python=$$p; break; fi; \
	  bare=$${bare:-$$p}; \
	done; \
	if [ -z "$$python" ] && [ -n "$$bare" ]; then \
	  echo "$$bare is new enough, but it cannot make virtual environments: its venv module is missing."; \
	  echo "On Debian or Ubuntu: apt-get install python3-venv. Then run the same command again."; \
	  exit 1; \
	elif [ -z "$$python" ]; then \
	  echo "Isopolis needs Python 3.11 or newer. Found:$${seen:- no Python at all}."; \
	  echo "Install one, or name it: make demo PYTHON=/path/to/python3.11"; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml
	@echo "Installing Isopolis and its libraries into $(VENV) (about a minute the first time)"
	@$(PIP) install --editable '.[web]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing the tools for tests"
	@$(PIP) install --editable '.[dev]'
	@touch $@

# -- what people run -----------------------------------------------------------------------------
demo: $(VENV)/installed
	@rm -rf demo/city demo/report
	@mkdir -p demo
	@$(BIN)/isopolis example demo/city
	@$(BIN)/isopolis diagnose demo/city --out demo/report
	@case $$(uname -s) in Darwin) open=open ;; MINGW*|MSYS*|CYGWIN*) open=start ;; *) open=xdg-open ;; esac; \
	echo; \
	echo "The diagnosis of the example city (example data, not a real place) is in"; \
	echo "  $$(pwd)/demo/report/report.html"; \
	echo "Open that file in any browser, or type:"; \
	echo "  $$open demo/report/report.html"; \
	echo
ifneq ($(SERVE),0)
	@echo "Now the platform, with the same city in a workspace of its own. Ctrl-C ends it."
	@exec $(BIN)/isopolis serve --example --data demo/data --port $(PORT) --no-open
else
	@echo "To see the same city in the platform, in your browser:"
	@echo "  $(BIN)/isopolis serve --example --data demo/data"
endif

test: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not whole"

# what takes a browser, or a platform that is killed, filled up or cut off; it takes as long again
test-whole: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n auto --dist worksteal -m whole tests/report $(PLATFORM_TESTS)

# a database that somebody names is used, else one is started and thrown away
ON_POSTGRES = $(if $(ISOPOLIS_TEST_DATABASE_URL),,$(BIN)/python tests/faults/cluster.py)
PLATFORM_TESTS := $(wildcard tests/web tests/security tests/faults)

test-postgres: $(VENV)/installed-dev
	@$(ON_POSTGRES) $(BIN)/python -m pytest -n auto --dist worksteal $(PLATFORM_TESTS)

soak: export ISOPOLIS_FAULT_ROUNDS = 25
soak: $(VENV)/installed-dev
	@ISOPOLIS_TEST_DATABASE_URL= $(BIN)/python -m pytest tests/faults/test_kills.py tests/faults/test_ballots.py
	@$(ON_POSTGRES) $(BIN)/python -m pytest tests/faults/test_kills.py tests/faults/test_line.py tests/faults/test_ballots.py
	@ISOPOLIS_VOTE_ROUNDS=10000 $(BIN)/python -m pytest tests/engage/budget/test_shares_twin.py -k random_votes

# three targets, so that "make -k lint" says everything that is wrong
lint: lint-style lint-types lint-arrows

lint-style: $(VENV)/installed-dev
	@$(BIN)/ruff check .

lint-types: $(VENV)/installed-dev
	@$(BIN)/mypy

lint-arrows: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -q tests/house/test_arrows.py

messages: $(VENV)/installed-dev
	@$(BIN)/python -m tools.messages

bench: $(VENV)/installed
	@$(BIN)/python -m bench $(AREA)

coverage: $(VENV)/installed
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.intervals

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis bench/.env
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
