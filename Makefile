# Two commands: `make report` and `make test`. Both start from a bare clone with python3 and make.
#
# Another build of torch, in one line (CUDA, ROCm, CPU only; see README):
#   make report TORCH='torch==2.13.0 --index-url <index of that build>'

PYTHON ?= python3
TORCH ?= torch==2.13.0
EXPERIMENT ?= params/demo.yaml
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet

export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false
# Python compiles what it imports and keeps that, unless told not to; compiling all that is installed takes a minute.
export PIP_COMPILE ?= $(if $(PYTHONDONTWRITEBYTECODE),1,0)

.PHONY: report test coverage check docs install browser lock readme pictures simulate bench torture faults battery states walk verify lost-nodes clean

report: $(VENV)/installed
	@$(VENV)/bin/bakeoff run $(EXPERIMENT)

# A file's tests on one worker, since they share what takes long to make; tests/conftest.py puts the longest files first.
SIDE_BY_SIDE = -n 2 --dist loadfile --no-loadscope-reorder

test: $(VENV)/test-tools browser check
	$(VENV)/bin/python -m pytest $(SIDE_BY_SIDE)

# Which lines and branches the tests in this process reach; takes half as long again.
coverage: $(VENV)/test-tools browser
	$(VENV)/bin/python -m pytest $(SIDE_BY_SIDE) --cov --cov-report=term-missing:skip-covered

check: $(VENV)/test-tools
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	@printf 'linux\nwin32\ndarwin\n' | xargs -P 2 -I {} $(VENV)/bin/mypy --platform {} --cache-dir .mypy_cache/{}

# The documentation, in build/docs/index.html; a warning or a broken link is an error.
docs: $(VENV)/docs-tools
	$(VENV)/bin/python -m sphinx -q -W --keep-going -n -b html -d build/doctrees docs build/docs
	@echo "written: build/docs/index.html"

install: $(VENV)/installed

# Changes when another build of torch is asked for, and only then.
$(VENV)/torch: FORCE
	@mkdir -p $(VENV) && echo '$(TORCH)' | cmp -s - $@ || echo '$(TORCH)' > $@

FORCE:

$(VENV)/installed: pyproject.toml constraints.txt $(VENV)/torch
	@echo "Setting up $(VENV) (a few minutes the first time) ..."
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@if test -e $@ && test $(VENV)/torch -nt $@; then $(PIP) uninstall --yes torch; fi
	@$(PIP) install $(TORCH)
	@$(PIP) install --constraint constraints.txt --editable '.[train]'
	@touch $@

$(VENV)/test-tools: $(VENV)/installed
	@$(PIP) install --constraint constraints.txt --editable '.[docs,test,train]'
	@touch $@

$(VENV)/docs-tools: $(VENV)/installed
	@$(PIP) install --constraint constraints.txt --editable '.[docs,train]'
	@touch $@

# The browser tests need Chromium; where it cannot be brought they say so and are skipped (never in CI).
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	     && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null; } \
	|| echo "Chromium is not here: install it to run the browser tests"

# Exact versions of everything, from a fresh environment with the newest the ranges in pyproject.toml allow.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet $(TORCH)
	build/lock/bin/pip install --quiet '.[docs,test,train]'
	{ echo '# Exact versions of everything installed; `make lock` writes this file.'; \
	  build/lock/bin/pip freeze | grep -v '^bakeoff ' | sed 's/+cpu$$//' ; } > constraints.txt
	rm -rf build/lock

# The demo's table and picture in the README, from the demo's own records.
readme: $(VENV)/test-tools browser
	$(VENV)/bin/python tests/support/readme.py

# The gallery of the documentation, from reports of the tutorial's experiment.
pictures: $(VENV)/test-tools browser
	$(VENV)/bin/python tests/support/pictures.py

# Kills a run again and again and compares what it comes to; KILLS and SECONDS say how long, the figures go to the page.
KILLS ?= 200
SECONDS ?= 14400
torture: $(VENV)/test-tools
	$(VENV)/bin/python tests/torture/torture.py --kills $(KILLS) --seconds $(SECONDS) --write

# A disk that refuses, with each error at every file that a run or a report writes; the figures go to the page.
faults: $(VENV)/test-tools
	$(VENV)/bin/python tests/torture/faults.py --all --write

# Hundreds of wrong things, each refused in one line; what is not as it should be is printed.
battery: $(VENV)/test-tools
	$(VENV)/bin/python tests/torture/battery.py

# Damage at random to records, choices, notebooks and all else on disk; what is not told in words is printed.
STATES ?= 300
states: $(VENV)/test-tools
	$(VENV)/bin/python tests/torture/states.py --states $(STATES)

# Commands and edits at random, one after another, until something is wrong; the steps that come to it are printed.
WALKS ?= 20
STEPS ?= 40
SEED ?= 1
walk: $(VENV)/test-tools
	$(VENV)/bin/python tests/torture/walk.py --walks $(WALKS) --steps $(STEPS) --seed $(SEED)

# The demo's report rendered again, and its runs made again: the same bytes, the same bits.
verify: $(VENV)/installed
	$(VENV)/bin/bakeoff verify reports/demo --level 1

# Kills nodes of a cluster while they work, that many one after another, and compares what it comes to.
LOST_NODES ?= 10
lost-nodes: $(VENV)/test-tools
	BAKEOFF_LOST_NODES=$(LOST_NODES) $(VENV)/bin/python -m pytest -n 0 -rP tests/test_ray.py -k lost

simulate: $(VENV)/test-tools
	$(VENV)/bin/python tests/simulations/simulate.py

# Seconds of training, prediction and all around them, into tests/benchmarks/RESULTS.md; on a machine with nothing else to do.
bench: $(VENV)/test-tools
	$(VENV)/bin/python tests/benchmarks/speed.py $(BENCH)

clean:
	rm -rf $(VENV) build
