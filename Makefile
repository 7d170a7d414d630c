# The commands of a day's work on lrviz. They run in .venv where there is one (the README's line for tests makes it),
# else with the python3 on PATH. CI runs .ci/run, which calls the same scripts.

PYTHON := $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)

.PHONY: help test lint types goldens gallery docs bench

help: ## list these targets
	@sed -nE 's/^([a-z]+): ## (.*)/make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-14s %s\n", $$1, $$2 }'

test: ## run the whole test suite
	$(PYTHON) -m pytest -q

lint: ## check the formatting and lint with ruff, as CI does
	.ci/lint

types: ## check the types with mypy, as CI does
	.ci/types

goldens: ## rewrite every golden text and picture that the tests compare; review the diff
	$(PYTHON) -m pytest -q --renew

gallery: ## rewrite what is made from schedules/: the index, its page, the picture
	$(PYTHON) -m pytest -q --renew tests/gallery

docs: ## build the site of docs/ into site/; needs the extra `docs`
	.ci/docs

bench: ## time lrviz beside plain torch scripts
	$(PYTHON) benchmarks/run.py
