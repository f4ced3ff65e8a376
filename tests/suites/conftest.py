# SPDX-License-Identifier: Apache-2.0
"""Builds the driver and fetches the public suites once a session."""
import os
import subprocess
import sys
from pathlib import Path

import pytest
from suite_data import HERE, ROOT


@pytest.fixture(scope="session")
def suites():
    """The folder that holds the public suites."""
    folder = Path(os.environ.get("BUILD", ROOT / "build")) / "suites"
    subprocess.run([HERE / "fetch.sh", folder], check=True, env={**os.environ, "PYTHON": sys.executable})
    return folder


@pytest.fixture(scope="session")
def driver_program(tmp_path_factory):
    """json_driver, with sanitizers; of the sources it needs only base and json, and the schemas as a build embeds them."""
    program = tmp_path_factory.mktemp("driver") / "json_driver"
    sources = sorted([*ROOT.glob("src/base/*.c"), *ROOT.glob("src/json/*.c"), HERE / "json_driver.c"])
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "jansson", "libcrypto"], check=True, capture_output=True, text=True)
    subprocess.run(
        [os.environ.get("CC", "gcc"), "-std=gnu17", "-O1", "-g", "-D_GNU_SOURCE", f"-I{ROOT / 'src'}"]
        + ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-include", "base/banned.h"]
        + [f'-DNSXCERT_EMBED_DIR="{ROOT / os.environ.get("BUILD", "build") / "embed"}"', "-o", program, *sources]
        + [*libraries.stdout.split(), "-lm", "-lpthread"],
        check=True,
    )
    return program


@pytest.fixture(scope="session")
def driver(driver_program):
    """driver(arguments, frames): the answers, a line each."""

    def run(arguments, frames):
        text = b"".join(b"%d\n%s\n" % (len(frame), frame) for frame in frames)
        done = subprocess.run([driver_program, *arguments], input=text, capture_output=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
        return done.stdout.decode().splitlines()

    return run
