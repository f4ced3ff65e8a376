# SPDX-License-Identifier: Apache-2.0
"""What the checks of the sources share: which files there are, and C without its comments and strings."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"build", ".git", "__pycache__", ".pytest_cache"}


def all_files():
    """The project's own files, relative to the top folder, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode == 0:
        names = [Path(name.decode()) for name in listed.stdout.split(b"\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [name for name in names if not NOT_OURS & set(name.parts)]
    return sorted(name for name in set(names) if (ROOT / name).is_file())


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def code_of(text):
    """C with comments and strings blanked out; the line numbers stay."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])

    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.DOTALL)


def finish(findings):
    """Prints the findings and ends the check."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
