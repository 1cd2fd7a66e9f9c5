# Two commands for a newcomer: `make demo` and `make test`. Both set up from nothing.
PYTHON ?= python3
PIP_ARGS ?=
CORPUS = corpora/demo-en
BIN = .venv/bin

.PHONY: setup demo test check bench clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[dev,benchmarks]'
	touch $@

.venv/ready-for-tests: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[dev,benchmarks,tests]'
	touch $@

demo: setup
	$(BIN)/tagger train $(CORPUS)/train.conllu --dev $(CORPUS)/dev.conllu -o models/demo-en --force
	$(BIN)/tagger evaluate -m models/demo-en $(CORPUS)/test.conllu
	$(BIN)/tagger predict -m models/demo-en -f tsv $(CORPUS)/news.txt

test: .venv/ready-for-tests
	$(BIN)/pytest

check: .venv/ready-for-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

bench: setup
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python -m benchmarks.checking
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/pretraining.py
	$(BIN)/python benchmarks/segmentation.py
	$(BIN)/python benchmarks/prediction.py

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis models/demo-en
