# Two commands do everything, set-up included: `make film` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.PHONY: film test lint fast bench docs clean

film: $(VENV)/.film  ## Make the example film on the embedded models
	$(BIN)/kamishibai make examples/lantern.md

test: $(VENV)/.test  ## Lint, types, imports, and every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadgroup

fast: $(VENV)/.test  ## The tests that take under two minutes
	$(BIN)/pytest -m "not slow" -n 2 --dist loadgroup

lint: $(VENV)/.test  ## Mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.test  ## Write the generated reference anew
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/licences.py
	$(BIN)/python tools/family_pages.py
	$(BIN)/python tools/memory_page.py

bench: $(VENV)/.test  ## Measure the example film, films made again, the film engine, model loads, faces, and the gates
	$(BIN)/python bench/film.py
	$(BIN)/python bench/incremental.py --size 360 --scenes 8
	$(BIN)/python bench/engine.py
	$(BIN)/python bench/loads.py
	$(BIN)/python bench/cast.py
	$(BIN)/python bench/seeing.py
	$(BIN)/python bench/gates.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Kamishibai needs Python 3.10 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 10) else 0'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.film: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[ear]'
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(BIN)/python -c 'import sys; sys.exit("The tests need Python 3.11 or newer, as the extra [models] does (diffusers asks for it); films need 3.10. Try: make clean; make test PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	$(PIP) --editable '.[ear,models,dev]'
	@touch $@ $(VENV)/.film

clean:  ## Delete what can be made again (never the cache of results)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
