# Every target sets itself up: it needs Python >= 3.11 and make, and touches nothing outside .venv (and the folder it says it writes).
PYTHON ?= python3
BIN := .venv/bin
# A file of tests stays with one process; each process keeps to one thread of its own.
PARALLEL := -n auto --dist loadfile
export OMP_NUM_THREADS ?= 1

.PHONY: demo test test-all bench lint clean

demo: .venv/demo
	$(BIN)/layerwise train digits --hidden 500,500 --dropout 0.5 --lr 2e-3 --schedule cosine --epochs 60 --threads 1 --output demo --overwrite

test: .venv/dev lint
	HYPOTHESIS_PROFILE=$(if $(CI),ci,dev) $(BIN)/python -m pytest --doctest-modules $(PARALLEL)

test-all: .venv/dev lint
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest --doctest-modules $(PARALLEL) -m ""

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv demo

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Layerwise needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

# One stamp per set of extras, made again when the list of dependencies changes.
.venv/demo: .venv/created pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[plot]'
	@touch $@

.venv/dev: .venv/created pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/demo

.venv/bench: .venv/created pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@ .venv/demo
