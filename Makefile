# `make demo` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin
SAMPLES := clipart definitions words

.PHONY: demo test test-all lint docs gallery schema bench bench-quick bench-strategies bench-coverage bench-commands accuracy clean

# Made again when what is to be installed changes.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	touch $@

demo: $(VENV)/installed
	$(RUN)/curate select samples/clipart --n 100 --out reports/clipart

test: $(VENV)/installed
	$(RUN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-all: $(VENV)/installed
	$(RUN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/installed
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

# The pages of docs/ in site/. Every warning is an error, a dead link too; nothing is fetched.
docs: $(VENV)/installed-docs
	NO_MKDOCS_2_WARNING=1 $(RUN)/python -m mkdocs build --strict --quiet

$(VENV)/installed-docs: $(VENV)/installed
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[docs]"
	touch $@

# The rendered reports in reports/examples, made from the job beside each sample. The
# pictures of pages for the README need pdftoppm (Debian: poppler-utils).
gallery: $(VENV)/installed
	for name in $(SAMPLES); do \
	  $(RUN)/curate select --config samples/$$name/curate.toml --out reports/examples/$$name || exit 1; \
	done
	pdftoppm -r 70 -f 1 -l 1 -singlefile -png reports/examples/clipart/report.pdf reports/examples/summary
	pdftoppm -r 70 -f 3 -l 3 -singlefile -png reports/examples/clipart/report.pdf reports/examples/diversity

schema: $(VENV)/installed
	$(RUN)/curate schema > reports/report.schema.json
	$(RUN)/curate schema --markdown > reports/README.md

# The table in samples/README.md.
accuracy: $(VENV)/installed
	$(RUN)/python benchmarks/accuracy.py

clean:
	rm -rf $(VENV) $(VENV)-bench site build dist *.egg-info

# Ours beside other implementations, taking turns on the same arrays; tables in benchmarks/results.
# An environment of its own: a peer wants an older scikit-learn than the pinned one.
$(VENV)-bench/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[bench]"
	touch $@

bench: $(VENV)-bench/installed
	$(VENV)-bench/bin/python benchmarks/farthest.py $(if $(WORDNET),--wordnet $(WORDNET))
	$(VENV)-bench/bin/python benchmarks/farthest_profile.py $(if $(WORDNET),--wordnet $(WORDNET))

# Combined strategies and typicality beside lightly-mundig.
bench-strategies: $(VENV)-bench/installed
	$(VENV)-bench/bin/python benchmarks/combination.py
	$(VENV)-bench/bin/python benchmarks/typicality.py

bench-quick: $(VENV)-bench/installed
	$(VENV)-bench/bin/python benchmarks/farthest.py --quick $(if $(WORDNET),--wordnet $(WORDNET))

# Mean coverage of the strategies on the samples; in the environment of the tests.
bench-coverage: $(VENV)/installed
	$(RUN)/python benchmarks/mean_coverage.py

# Whole commands on small data; in the environment of the tests.
bench-commands: $(VENV)/installed
	$(RUN)/python benchmarks/commands.py
