#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The loop of tests/mutation/run.sh: makes mutants of a file, compiles each, runs the unit tests with it.

A mutant is invalid when it does not compile, equal when the optimised object
code is that of the original or of an earlier mutant, killed when a test fails
or hangs, else a survivor. The order is random but always the same, so that a
capped run is a fair sample and a longer one goes on from it.
"""
import argparse
import difflib
import hashlib
import os
import random
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TEST_SECONDS = 30
MEMORY_MAX = 2 << 30
FILE_MAX = 64 << 20
WORKERS = 2


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--mutate", required=True)
    parser.add_argument("--module", type=Path, required=True)
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--count", type=int, default=0, help="mutants to run the tests with; 0: no bound")
    parser.add_argument("--min", type=int, default=0)
    parser.add_argument("flags", nargs="+")
    return parser.parse_args()


def limit_child():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_MAX, FILE_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def package_flags(option):
    command = ["pkg-config", option, "openssl", "jansson", "libcurl", "check"]
    return shlex.split(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def runs(command, **options):
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return subprocess.run(command, **quiet, **options).returncode == 0


class Trial:
    """Compiles versions of the module and runs the tests with them."""

    def __init__(self, arguments, work):
        self.arguments = arguments
        self.work = work
        self.library = arguments.build / "debug/libnsxcert.a"
        self.link_flags = package_flags("--libs") + ["-lpthread", "-lm"]
        self.test_objects = {name: self.compile_test(name) for name in arguments.tests}
        self.seen = {self.digest(arguments.module)}

    def compiler(self, source, *more):
        # The module's own folder must stay the first to be looked in for "name.h".
        return ["gcc", *self.arguments.flags, "-w", f"-iquote{self.arguments.module.parent}", *more, source]

    def compile_test(self, name):
        target = self.work / f"{name}.o"
        source = f"tests/unit/{name}.c"
        if not runs(self.compiler(source, "-Itests/unit", *package_flags("--cflags"), "-c", "-o", target)):
            sys.exit(f"mutation: {name} does not compile")
        return target

    def digest(self, source):
        """What the optimiser makes of it, without line numbers; None when it does not compile."""
        done = subprocess.run(self.compiler(source, "-O2", "-g0", "-S", "-o", "-"), capture_output=True)
        if done.returncode != 0:
            return None
        lines = [line for line in done.stdout.splitlines() if b".file" not in line]
        return hashlib.sha256(b"\n".join(lines)).digest()

    def link(self, name, folder):
        return runs(["gcc", "-o", folder / name, self.test_objects[name], folder / "mutant.o", self.library, *self.link_flags])

    def passes(self, program):
        folder = str(program.parent)
        environment = dict(os.environ, TMPDIR=folder, HOME=folder, CK_VERBOSITY="silent", CK_TIMEOUT_MULTIPLIER="0.1")
        return runs(["timeout", "--kill-after=2", str(TEST_SECONDS), program], env=environment, preexec_fn=limit_child)

    def try_out(self, source):
        with tempfile.TemporaryDirectory(dir=self.work, ignore_cleanup_errors=True) as folder:
            folder = Path(folder)
            if not runs(self.compiler(source, "-c", "-o", folder / "mutant.o")):
                return "invalid"
            if not all(self.link(name, folder) for name in self.test_objects):
                return "invalid"
            return "survived" if all(self.passes(folder / name) for name in self.test_objects) else "killed"

    def outcome(self, source):
        digest = self.digest(source)
        if digest is None:
            return "invalid"
        if digest in self.seen:
            return "equal"
        self.seen.add(digest)
        return self.try_out(source)


def make_mutants(arguments, folder):
    command = [arguments.mutate, arguments.module, "c", "--noCheck", "--mutantDir", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    mutants = sorted(folder.glob("*.c"))
    random.Random(0).shuffle(mutants)
    return mutants


def show_change(module, original, mutant):
    """The changed lines, with where they are."""
    before, after = original.splitlines(), mutant.read_text().splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    place = lines[0].split()[1].lstrip("-").split(",")[0]
    return "\n".join([f"{module}:{place}", *lines[1:]]) + "\n"


def run_all(trial, mutants, arguments):
    """The outcomes by mutant, until the time or the count is used up."""
    outcomes = {}
    ends = time.monotonic() + arguments.seconds

    def run_one(mutant):
        tried = sum(outcome in ("killed", "survived") for outcome in list(outcomes.values()))
        if time.monotonic() < ends and (arguments.count == 0 or tried < arguments.count):
            outcomes[mutant] = trial.outcome(mutant)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(run_one, mutants))
    return outcomes


def report(arguments, original, outcomes, mutant_count):
    counts = {word: list(outcomes.values()).count(word) for word in ("killed", "survived", "equal", "invalid")}
    survivors = arguments.build / "mutation" / (str(arguments.module).replace("/", "-") + ".survivors")
    changes = sorted(show_change(arguments.module, original, mutant) for mutant, outcome in outcomes.items() if outcome == "survived")
    survivors.write_text("\n".join(changes))
    tried = counts["killed"] + counts["survived"]
    share = 100 * counts["killed"] // tried if tried else 0
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    print(f"{arguments.module}: {told}, {mutant_count - len(outcomes)} not tried; {share} % noticed; see {survivors}")
    return tried > 0 and share >= arguments.min


def main():
    arguments = parse_arguments()
    (arguments.build / "mutation").mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=arguments.build / "mutation")).resolve()
    original = arguments.module.read_text()
    try:
        mutants = make_mutants(arguments, work)
        trial = Trial(arguments, work)
        if trial.try_out(arguments.module) != "survived":
            sys.exit(f"mutation: {' '.join(arguments.tests)} fails without any change")
        good = report(arguments, original, run_all(trial, mutants, arguments), len(mutants))
    finally:
        shutil.rmtree(work)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
