# SPDX-License-Identifier: Apache-2.0
"""The completions of bash and zsh offer what the program takes, and nothing that it refuses."""
import itertools
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import shells

FOLDER = "packaging/completions"
ALL_MATCHES = {"zsh": "\x18a", "bash": "\x1b*"}


@pytest.fixture(scope="module")
def ask(nsxcert_release):
    def run(*arguments, text="{}"):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MY_REQUEST": "{}"}
        return subprocess.run([nsxcert_release, *arguments], input=text, capture_output=True, text=True, timeout=60, env=environment)

    return run


@pytest.fixture(scope="module")
def flags(ask):
    """What --help says of flags: {name: what its value is called, or ""}."""
    rows = re.findall(r"^  (?:-\w, |    )(--[a-z-]+)(?: (\S+(?: \[FILE\])?))?  ", ask("--help").stdout, re.MULTILINE)
    assert len(rows) > 15
    return dict(rows)


@pytest.fixture(scope="module")
def operations(ask):
    return [operation["name"] for operation in json.loads(ask("--capabilities").stdout)["operations"]]


@pytest.fixture(scope="module")
def codes(repository):
    return sorted(set(re.findall(r"^### (\S+)$", (repository / "docs/errors.md").read_text(), re.MULTILINE)))


def choices(ask, flag):
    """As the program names them when it is given another."""
    refused = ask(flag, "x").stderr
    return re.search(f"{flag} takes (\\S+), not x", refused)[1].split("|")


@pytest.fixture(scope="module")
def offers(repository):
    def of(*lines):
        return shells.bash_offers(repository / FOLDER / "nsxcert", lines)

    return of


@pytest.fixture(scope="module", params=["zsh", "bash"])
def terminal(request, repository, tmp_path_factory):
    if not shutil.which(request.param):
        pytest.skip(f"no {request.param} here")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "a result.json").write_text("{}")
    script = repository / FOLDER / ("nsxcert" if request.param == "bash" else "")
    shell = getattr(shells, request.param)(script, folder)
    shell.all_matches = ALL_MATCHES[request.param]
    yield shell
    shell.close()


def test_they_are_what_the_tables_make(repository, tmp_path):
    subprocess.run([sys.executable, repository / "mk/completions.py", tmp_path], check=True, timeout=60)
    for name in ("nsxcert", "_nsxcert"):
        stored = (repository / FOLDER / name).read_text()
        assert (tmp_path / name).read_text() == stored, "out of date: run `make completions`"


def test_bash_script_is_clean(repository):
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck here")
    result = subprocess.run(["shellcheck", "-s", "bash", repository / FOLDER / "nsxcert"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout


def test_bash_offers_every_flag(offers, flags):
    assert offers([""], ["-"], ["--re"]) == [list(flags), list(flags), ["--request-file", "--request-env", "--render"]]


def test_bash_offers_the_values_the_program_takes(ask, offers, operations, codes):
    asked = {"--schema": operations, "--example": operations, "--explain": codes}
    asked |= {flag: choices(ask, flag) for flag in ("--format", "--progress", "--render")}
    for flag, values in asked.items():
        apart, attached, typed = offers([flag, ""], [flag, "="], [flag, "=", values[0][:-1]])
        assert apart == attached == values and values[0] in typed, flag


def test_every_code_offered_is_explained(ask, offers):
    for code in offers(["--explain", ""])[0]:
        assert ask("--explain", code).returncode == 0, code


def test_bash_leaves_files_to_readline(offers):
    lines = [["--request-file", ""], ["--output", "r"], ["--output", "=", "r"], ["--render", "text", "r"], ["--render", "=", "text", "r"]]
    assert offers(*lines) == [["compopt", "-o", "default"]] * len(lines)


def test_an_optional_value_may_be_left_out(offers):
    assert "--debug" in offers(["--schema", "-"])[0] and "--debug" in offers(["--render", "text", "--"])[0]


def test_beside_a_flag_those_that_the_program_takes_with_it(ask, offers, flags, tmp_path):
    """All pairs: what is offered after a flag is what the program does not call a usage error beside it."""
    request = tmp_path / "request.json"
    request.write_text("{}")
    stored = ask().stdout
    values = {"FILE": str(request), "NAME": "MY_REQUEST", "json|text": "text", "auto|plain|none": "none", "VIEW [FILE]": "text",
              "[OPERATION]": "verify", "OPERATION": "verify", "CODE": "usage", "": None}
    spelled = {flag: [flag] + [values[kind]] * bool(kind) for flag, kind in flags.items()}
    spelled["--output"] = ["--output", str(tmp_path / "output")]
    offered = dict(zip(flags, offers(*[[*words, "--"] for words in spelled.values()])))
    taken = {flag: [] for flag in flags}
    for first, second in itertools.combinations(flags, 2):
        result = ask(*spelled[first], *spelled[second], text=stored if "--render" in (first, second) else "{}")
        if "(usage)" not in result.stderr and '"code":"usage"' not in result.stdout:
            taken[first].append(second)
            taken[second].append(first)
    order = list(flags)
    assert offered == {flag: sorted(others, key=order.index) for flag, others in taken.items()}
    assert offers(["-n", "--"])[0] == offered["--dry-run"]


def test_on_a_terminal_flags(terminal, flags):
    assert terminal.complete("--dr") == ["--dry-run"]
    assert sorted(terminal.complete("--", terminal.all_matches)) == sorted(flags)
    assert sorted(terminal.complete("--ex", terminal.all_matches)) == ["--example", "--explain"]


def test_on_a_terminal_only_what_goes_together(terminal):
    typed = terminal.complete("--schema verify --", terminal.all_matches)
    assert sorted(typed[2:]) == ["--debug", "--progress"]


def test_on_a_terminal_values(terminal, ask, operations, codes):
    for typed, values in [("--schema ", operations), ("--example ", operations), ("--explain ", codes),
                          ("--render ", choices(ask, "--render")), ("--progress ", choices(ask, "--progress"))]:
        assert sorted(terminal.complete(typed, terminal.all_matches)[1:]) == sorted(values), typed
    assert terminal.complete("--format=te") == ["--format=text"]
    assert terminal.complete("--request-env MY_R") == ["--request-env", "MY_REQUEST"]


def test_on_a_terminal_files(terminal):
    for typed in ("--request-file a", "--output=a", "--render text a"):
        assert " ".join(terminal.complete(typed)).endswith("a result.json"), typed
