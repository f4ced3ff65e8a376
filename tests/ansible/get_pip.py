# SPDX-License-Identifier: Apache-2.0
"""Gives pip to a venv that was made without it: a link to the pip of the folder `site-packages` beside this script.

ansible-test looks for a script of this kind before it would fetch one, and runs it for the venv of each sanity test.
tests/ansible/run.sh lays it where ansible-test looks. Linked, not installed: that is most of the time of a first run.
"""
import pathlib
import sysconfig

packages = pathlib.Path(__file__).parent / "site-packages"
link = pathlib.Path(sysconfig.get_path("purelib")) / "pip"
link.symlink_to((packages / "pip").resolve())
