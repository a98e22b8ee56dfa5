# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make help` lists what there is. Recipes of more than a few lines are in Scripts/.

PREFIX = /usr/local
DESTDIR =

PROGRAMS = chartok chartrain charsample charscore charmodel
PAGES = $(wildcard man/*.1 man/*.5 man/*.7)
MODELS = $(wildcard Models/*.safetensors Models/*.md)
BIN = .build/release
COMPILE = Scripts/headers.sh && swift build -c release
ifeq ($(shell uname -s),Linux)
# The programs shall run on machines that have no Swift: see also `wholeProgram` in Package.swift. Other linkers warn
# of functions in Swift's own libraries.
COMPILE += --static-swift-stdlib -Xswiftc -use-ld=lld
endif

# $(call python,NAME,PACKAGES): .build/NAME/bin/python with these packages.
define python
test -d .build/$(1) || python3 -m venv .build/$(1)
.build/$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2)
endef

# Programs whose C library is outside them, for what has to be put between the two.
SHARED = .build/shared
define shared
export LINKING=shared; $(COMPILE)
mkdir -p $(SHARED)
cp $(PROGRAMS:%=$(BIN)/%) $(SHARED)
endef

# One thing after the other, however many jobs make is told to run: Swift uses all cores by itself.
.NOTPARALLEL:
.PHONY: build help demo test test-interop test-cluster test-hard shared lint bench bench-peers corpus table records \
  ladder models recording install uninstall deb clean

build: ## build the programs into .build/release
	Scripts/prepare.sh build
	$(COMPILE)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\): .*## /  make \1	/p' Makefile | expand -t 18

demo: ## train on the project's own sources for half a minute, then write more of them
	Scripts/prepare.sh build
	$(COMPILE)
	Scripts/demo.sh

test: ## check style and pages, build, run all tests
	Scripts/prepare.sh test
	Scripts/lint.sh
	$(COMPILE)
	Scripts/test.sh

test-interop: ## have PyTorch, Keras, TensorFlow.js's package and onnxruntime open our models (fetches them, gigabytes)
	Scripts/prepare.sh build
	$(COMPILE)
	Scripts/interop.sh

test-cluster: ## run the filters in GNU parallel and in a local Spark (fetches pyspark, 500 MB; needs both and Java)
	$(COMPILE)
	$(call python,spark,pyspark)
	PATH="$$PWD/$(BIN):$$PATH" Scripts/cluster/parallel.sh shakespeare-small README.md
	PATH="$$PWD/$(BIN):$$PATH" .build/spark/bin/python Scripts/cluster/spark.py shakespeare-small README.md

test-hard: ## try hard to break the programs (long; a few minutes with SHORT=1); see Tests/README.md
	Scripts/prepare.sh test
	$(shared)
	$(COMPILE)
	SHORT="$(SHORT)" Tests/Hard/run.sh $(TRIALS)

shared: ## build the programs with the C library outside into .build/shared, for valgrind and LD_PRELOAD
	Scripts/prepare.sh build
	$(shared)
	$(COMPILE)

lint: ## check the style of the sources and the pages
	Scripts/prepare.sh lint
	Scripts/lint.sh

bench: ## measure speed
	Scripts/prepare.sh build
	$(COMPILE) --product benchmark
	Scripts/bench.sh

bench-peers: ## measure speed beside PyTorch and Keras (fetches both, some gigabytes)
	Scripts/prepare.sh build
	$(COMPILE) --product benchmark
	$(call python,peers,torch tensorflow-cpu)
	.build/peers/bin/python Tests/Benchmarks/peers.py $(BIN)/benchmark

corpus: ## make a text in .build/corpus: NAME=shakespeare (default), words, names, deutsch, bible, swift or tunes
	Scripts/corpus.sh $(or $(NAME),shakespeare) .build/corpus

table: ## print the chapter's table and ours of TEXT=FILE, else of Shakespeare's plays (a quarter of an hour)
	$(if $(TEXT),,Scripts/corpus.sh shakespeare .build/corpus)
	$(COMPILE)
	Scripts/table.sh "$(or $(TEXT),.build/corpus/shakespeare.txt)"

records: ## measure losses for times on TEXT=FILE, three seeds each (five minutes; up to four hours with RECORDS=all)
	$(COMPILE)
	RECORDS="$(RECORDS)" Scripts/records.sh "$(TEXT)"

models: ## train the models of Models/ again, or those of NAME=... (ten minutes; fetches their texts)
	$(COMPILE)
	Scripts/models.sh $(NAME)

ladder: ## measure what each part of the standard recipe is worth on TEXT=FILE (eight minutes a megabyte), or ROWS=...
	$(COMPILE)
	Scripts/ladder.sh "$(TEXT)" $(ROWS)

recording: corpus ## draw README's terminal, man/terminal.svg (fetches Shakespeare's plays and pyte)
	$(COMPILE)
	$(call python,recording,pyte)
	.build/recording/bin/python Scripts/recording.py $(BIN) .build/corpus/shakespeare.txt man/terminal.svg

install: ## install programs, pages, models and completions under PREFIX (default /usr/local)
	@Scripts/ready.sh "$(BIN)" $(PROGRAMS) || { $(MAKE) build && Scripts/ready.sh "$(BIN)" $(PROGRAMS); }
	Scripts/install.sh "$(DESTDIR)$(PREFIX)" $(BIN) "$(PROGRAMS)" "$(PAGES)" "$(MODELS)"

uninstall: ## remove what install has put there
	Scripts/install.sh --remove "$(DESTDIR)$(PREFIX)" $(BIN) "$(PROGRAMS)" "$(PAGES)" "$(MODELS)"

deb: ## build a Debian package into .build/deb
	@! command -v swift >/dev/null || $(MAKE) build
	@Scripts/ready.sh "$(BIN)" $(PROGRAMS)
	BIN=$(BIN) Scripts/deb.sh .build/deb

clean: ## remove all that was built
	rm -rf .build
