# Two commands do everything: `make demo` runs the main job, `make test` passes the tests.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
# journeys wait for processes of their own: one more test process than cores uses that time
WORKERS := $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))

help:                 ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/runtime   ## a whole campaign on this machine, with a SendGrid simulator; nothing leaves it
	@$(BIN)/campaign demo $(DEMO_ARGS)

# Compiled modules are kept even where the environment says otherwise: each process of a test would compile them again.
test test-deep test-long: export PYTHONDONTWRITEBYTECODE =

test: .venv/dev       ## lint, types and tests, in under five minutes on two quiet cores
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "ruff: ok"
	@$(BIN)/lint-imports --no-cache >.venv/imports.log 2>&1 && echo "imports: ok" || { cat .venv/imports.log; exit 1; }
	@$(BIN)/mypy & types=$$!; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not deep" $(TEST_ARGS); tests=$$?; \
	wait $$types || { echo "mypy found errors, above"; exit 1; }; exit $$tests

test-deep: .venv/dev  ## the rest: long state machines, repeats on PostgreSQL, kills, benchmarks
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "deep and not long" $(TEST_ARGS)

test-long: .venv/dev  ## what takes longer than twenty minutes allow: more orders, more repeats; for a night
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long $(TEST_ARGS)

format: .venv/dev     ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: .venv/dev     ## asks per second compared to a naive sender, and a launch of 1,000,000
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

docs: .venv/dev       ## generate docs/states.md and docs/commands.md from the code
	@$(BIN)/python -m campaign.states > docs/states.md
	@$(BIN)/python -m campaign.cli.reference > docs/commands.md

lock:                 ## resolve the locks with hashes again (needs uv)
	uv pip compile pyproject.toml --extra install --extra pdf -o requirements.txt \
	  --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command "make lock"
	uv pip compile pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt \
	  --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command "make lock"

clean:                ## remove everything that make created
	rm -rf .venv .campaign .mypy_cache .ruff_cache .hypothesis

# Everything is installed from the lock with hashes; only this project itself is built.
.venv/runtime: requirements.txt pyproject.toml
	@$(call install,requirements.txt)
	@touch $@

.venv/dev: requirements-dev.txt pyproject.toml
	@$(call install,requirements-dev.txt)
	@touch .venv/runtime $@

define install
echo "Installing $(1) into .venv with $(if $(UV),uv,pip) ..."; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12"; exit 1; }; \
test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "No venv module: on Debian, apt-get install python3-venv"; exit 1; }; \
if [ -n "$(UV)" ]; then \
  $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
  $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
else \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
fi
endef

.PHONY: help demo test test-deep test-long format bench docs lock clean
