# SPDX-License-Identifier: Apache-2.0
# Builds nsxcert out of tree: build/<flavour>/nsxcert. `make help` lists the targets.

VERSION    ?= 1.0.0
FLAVOUR    ?= release
BUILD      ?= build
PREFIX     ?= /usr/local
DESTDIR    ?=
CC         ?= gcc
HOSTCC     ?= $(CC)
PYTHON     ?= python3
PKG_CONFIG ?= pkg-config

# One name for each file, however the folder was given: the lists of dependencies that the compiler writes hold names.
override BUILD := $(abspath $(BUILD))
OUT := $(BUILD)/$(FLAVOUR)
EMBED_DIR := $(BUILD)/embed
Q   := $(if $(V),,@)

LIBS        := openssl jansson libcurl
LIB_CFLAGS  := $(shell $(PKG_CONFIG) --cflags $(LIBS) 2>/dev/null)
LIB_LDLIBS  := $(shell $(PKG_CONFIG) --libs $(LIBS) 2>/dev/null) -lpthread -lm

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
            -Wvla -Wpointer-arith -Wundef -Wconversion -Wimplicit-fallthrough $(if $(CI),-Werror)
HARDEN   := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
LD_HARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
FLAVOUR_CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=3 $(HARDEN)
FLAVOUR_CFLAGS_debug   := -O0 -g -DNSXCERT_TEST_HOOKS
FLAVOUR_CFLAGS_hooks   := -O1 -g -DNSXCERT_TEST_HOOKS $(HARDEN)
FLAVOUR_CFLAGS_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DNSXCERT_TEST_HOOKS
FLAVOUR_CFLAGS_cover   := -O0 -g --coverage -DNSXCERT_TEST_HOOKS
FLAVOUR_CFLAGS_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -DNSXCERT_TEST_HOOKS
FLAVOUR_LDFLAGS_release := $(LD_HARDEN)
FLAVOUR_LDFLAGS_hooks   := $(LD_HARDEN)
FLAVOUR_LDFLAGS_asan    := -fsanitize=address,undefined
FLAVOUR_LDFLAGS_cover   := --coverage
FLAVOUR_LDFLAGS_fuzz    := -fsanitize=fuzzer,address,undefined

CFLAGS   ?=
CPPFLAGS ?=
LDFLAGS  ?=
ALL_CPPFLAGS := -Isrc -D_GNU_SOURCE -DNSXCERT_VERSION='"$(VERSION)"' -DNSXCERT_EMBED_DIR='"$(abspath $(EMBED_DIR))"' \
                -include base/banned.h $(LIB_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu17 $(WARNINGS) -ffile-prefix-map=$(CURDIR)=. $(FLAVOUR_CFLAGS_$(FLAVOUR)) $(CFLAGS)
ALL_LDFLAGS  := $(FLAVOUR_LDFLAGS_$(FLAVOUR)) $(LDFLAGS)

SOURCES := $(sort $(filter-out src/embed/%,$(wildcard src/*/*.c)))
OBJECTS := $(SOURCES:src/%.c=$(OUT)/obj/%.o)
SCHEMAS := $(sort $(wildcard schema/*.json))
OPERATIONS := $(filter-out common result,$(SCHEMAS:schema/%.schema.json=%))
LIBRARY := $(OUT)/libnsxcert.a
PROGRAM := $(OUT)/nsxcert

.PHONY: all
all: $(PROGRAM)  ## build the program (FLAVOUR=release|debug|hooks|asan|cover|fuzz)

$(PROGRAM): $(OUT)/obj/cli/main.o $(LIBRARY)
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIB_LDLIBS)

$(LIBRARY): $(filter-out $(OUT)/obj/cli/main.o,$(OBJECTS))
	@echo "  AR    $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OUT)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The schemas as the program embeds them, written by a program of the building machine: HOSTCC, HOST_PKG_CONFIG. Several
# flavours may be built at once, so each file is put into its place whole.
HOST_PKG_CONFIG ?= $(PKG_CONFIG)
EMBED_SOURCES   := $(wildcard src/embed/*.c) $(filter-out src/json/schema_store.c,$(wildcard src/json/*.c)) \
                   $(addprefix src/base/,buf.c error.c mem.c utf8.c)
EMBEDDED        := $(foreach kind,full rules,$(patsubst %,$(EMBED_DIR)/%.$(kind).json,$(OPERATIONS)))

$(EMBED_DIR)/embed: $(EMBED_SOURCES) $(wildcard src/embed/*.h src/json/*.h src/json/*.def src/base/*.h src/base/*.def)
	@mkdir -p $(@D)
	@echo "  HOSTCC $@"
	$(Q)$(HOSTCC) -std=gnu17 -Isrc -D_GNU_SOURCE -include base/banned.h -o $@.$$$$ $(EMBED_SOURCES) \
	    $(shell $(HOST_PKG_CONFIG) --cflags --libs jansson) -lm && mv -f $@.$$$$ $@

$(EMBEDDED): $(EMBED_DIR)/embed $(SCHEMAS)
	$(Q)$< $(subst .,,$(suffix $(basename $@))) schema $(basename $(basename $(@F))) >$@.$$$$ && mv -f $@.$$$$ $@

$(OUT)/obj/json/schema_store.o: $(EMBEDDED)

-include $(OBJECTS:.o=.d)

# Unit tests: one program for each tests/unit/test_<file>.c
UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS   := $(UNIT_SOURCES:tests/unit/%.c=$(OUT)/unit/%)

$(OUT)/unit/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIBRARY) $(LIB_LDLIBS) \
	    $(shell $(PKG_CONFIG) --cflags --libs check)

-include $(UNIT_TESTS:%=%.d)

.PHONY: unit-programs
unit-programs: $(UNIT_TESTS)

.PHONY: unit
unit: $(UNIT_TESTS)  ## build and run the unit tests of this flavour
	@for t in $(UNIT_TESTS); do CK_VERBOSITY=normal $$t || exit 1; done

# The tests. PYTEST runs with the packages of tests/requirements.txt, which `make deps` installs into build/venv.
PYTEST := PATH="$(CURDIR)/build/venv/bin:$$PATH" $(CURDIR)/build/venv/bin/python -m pytest
export BUILD

.PHONY: deps
deps:  ## install what building and testing need (apt, and PyPI into build/venv)
	@tests/deps.sh build test ssh lint

.PHONY: check
check: deps  ## build and run all tests; the last line is the sum
	@tests/check.sh

.PHONY: check-long
check-long: deps  ## check, and what takes too long for every day
	@tests/deps.sh fuzz
	@tests/check.sh --long

.PHONY: terraform-demo
terraform-demo:  ## show the Terraform module: plan, apply and plan again on a simulated cluster
	@terraform/demo.sh

.PHONY: tofu
tofu: deps  ## run the tests of terraform/ with OpenTofu, which is built for it
	@$(MAKE) --no-print-directory FLAVOUR=asan all
	@$(MAKE) --no-print-directory FLAVOUR=release all
	@tests/terraform/tofu.sh

.PHONY: ansible
ansible: deps  ## test the Ansible collection alone (LEGS="2.19 package" for some of its legs)
	@tests/ansible/install.sh
	@$(MAKE) --no-print-directory FLAVOUR=release all
	@rm -rf $(BUILD)/ansible-reports
	@tests/ansible/run.sh $(BUILD)/ansible-reports $(LEGS)
	@build/venv/bin/python tests/summary.py $(BUILD)/ansible-reports

.PHONY: ansible-demo
ansible-demo:  ## show the Ansible playbook on a simulated cluster (NSX=2.4 for another version)
	@tests/deps.sh build demo ssh
	@tests/ansible/install.sh 2.19
	@$(MAKE) --no-print-directory FLAVOUR=release all
	@NSXCERT=$(BUILD)/release/nsxcert tests/ansible/demo.sh

.PHONY: integration
integration: deps  ## run the integration tests alone (TESTS=path or -k word)
	@$(MAKE) --no-print-directory FLAVOUR=asan all
	@$(MAKE) --no-print-directory FLAVOUR=release all
	@$(MAKE) --no-print-directory FLAVOUR=hooks all
	$(PYTEST) $(or $(TESTS),tests/integration)

.PHONY: suites
suites: deps  ## run the public test suites of JSON and JSON Schema alone
	@$(MAKE) --no-print-directory FLAVOUR=asan all
	$(PYTEST) tests/suites

.PHONY: lint
lint:  ## check the sources (ONLY="format files" for some of the checks)
	@tests/deps.sh build lint
	@rm -rf $(BUILD)/lint-reports
	@tests/lint/run.sh $(BUILD)/lint-reports $(ONLY) && build/venv/bin/python tests/summary.py $(BUILD)/lint-reports

.PHONY: docs
docs:  ## make the reference pages of docs/ anew
	$(PYTHON) tests/lint/make_docs.py

.PHONY: print-flags
print-flags: # for checks that compile by themselves
	@echo "$(subst ",\",$(ALL_CPPFLAGS) $(ALL_CFLAGS))"

.PHONY: format
format:  ## lay out the C sources as .clang-format says
	clang-format-19 -i $(wildcard src/*/*.[ch] tests/*/*.[ch])

# Fuzzing: tests/fuzz/ENTRY.c with libFuzzer's main (FLAVOUR=fuzz), else with one that only runs a corpus.
FUZZ_REPLAY  := tests/fuzz/replay.c
FUZZ_ENTRIES := $(filter-out $(FUZZ_REPLAY),$(sort $(wildcard tests/fuzz/*.c)))
FUZZERS      := $(FUZZ_ENTRIES:tests/fuzz/%.c=$(OUT)/fuzz/%)

$(OUT)/fuzz/%: tests/fuzz/%.c $(if $(filter fuzz,$(FLAVOUR)),,$(FUZZ_REPLAY)) $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/fuzz $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIB_LDLIBS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)

.PHONY: fuzz
fuzz:  ## fuzz each entry of tests/fuzz for FUZZ_SECONDS (30)
	@tests/deps.sh build test fuzz
	@tests/fuzz/run.sh

.PHONY: mutation
mutation:  ## change MODULE=src/x509/name.c in small ways and see whether its unit test notices (MUTATION_SECONDS=300)
	@tests/deps.sh build test
	@tests/mutation/run.sh

.PHONY: cover
cover:  ## measure what the tests reach: build/cover/report/index.html
	@tests/deps.sh build test cover
	@tests/cover.sh

BENCH := $(CURDIR)/build/venv/bin/python tests/bench/run.py

.PHONY: bench
bench: $(PROGRAM)  ## time against floors and peers, print a table, write build/bench.json (AREA=tls for one area)
	@tests/deps.sh build test bench
	@$(BENCH) $(AREA)

.PHONY: bench-count
bench-count: $(PROGRAM)  ## what is the same on every run (instructions, calls, memory), held to its guards
	@tests/deps.sh build test bench
	@$(BENCH) --count

.PHONY: demo
demo:  ## all operations against a simulated cluster (NSX=4.2 for another version)
	@tests/deps.sh build demo
	@$(MAKE) --no-print-directory all
	@PATH="$(CURDIR)/build/venv/bin:$$PATH" tests/demo/run.sh

# Installing and packing.
BINDIR    := $(DESTDIR)$(PREFIX)/bin
MANDIR    := $(DESTDIR)$(PREFIX)/share/man/man1
SCHEMADIR := $(DESTDIR)$(PREFIX)/share/nsxcert/schema
BASHDIR   := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHDIR    := $(DESTDIR)$(PREFIX)/share/zsh/$(or $(ZSH_FOLDER),site-functions)

.PHONY: install
install: $(PROGRAM)  ## install program, manual page, schemas and completions (DESTDIR, PREFIX)
	install -d $(BINDIR) $(MANDIR) $(SCHEMADIR) $(BASHDIR) $(ZSHDIR)
	install -m 755 $(PROGRAM) $(BINDIR)/nsxcert
	install -m 644 docs/nsxcert.1 $(MANDIR)/nsxcert.1
	install -m 644 $(SCHEMAS) $(SCHEMADIR)/
	install -m 644 packaging/completions/nsxcert $(BASHDIR)/nsxcert
	install -m 644 packaging/completions/_nsxcert $(ZSHDIR)/_nsxcert

.PHONY: uninstall
uninstall:  ## remove what install has put there
	rm -f $(BINDIR)/nsxcert $(MANDIR)/nsxcert.1 $(SCHEMAS:schema/%=$(SCHEMADIR)/%) $(BASHDIR)/nsxcert $(ZSHDIR)/_nsxcert
	-rmdir --ignore-fail-on-non-empty $(SCHEMADIR) $(SCHEMADIR)/..

.PHONY: completions
completions:  ## make the completions of packaging/completions anew
	$(PYTHON) mk/completions.py

.PHONY: dist
dist:  ## pack the sources, the same bytes from the same commit: build/nsxcert-VERSION.tar.gz
	@mk/dist.sh $(BUILD) $(VERSION)

.PHONY: deb
deb:  ## pack program, page, schemas, completions and docs for Debian, reproducibly: build/deb/nsxcert_VERSION-1_ARCH.deb
	@$(MAKE) --no-print-directory -s FLAVOUR=release all
	@MAKE="$(MAKE)" mk/deb.sh $(BUILD) $(VERSION) $(or $(DEB_DIR),$(BUILD)/deb)

.PHONY: sbom
sbom:  ## list program and libraries as a CycloneDX bill of materials: build/nsxcert-VERSION.cdx.json
	@$(MAKE) --no-print-directory -s FLAVOUR=release all
	@mk/sbom.py $(BUILD)/release/nsxcert $(VERSION) $$(mk/epoch.sh) >$(BUILD)/nsxcert-$(VERSION).cdx.json
	@echo $(BUILD)/nsxcert-$(VERSION).cdx.json

.PHONY: clean
clean:  ## remove what was built
	rm -rf $(BUILD)

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16
