#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls that the program must not make, also where the compiler's ban (base/banned.h) does not reach."""
import re

from sources import ROOT, code_of, finish

UNSAFE = "strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atof alloca rand srand random".split()
NOT_REENTRANT = "gmtime localtime asctime ctime getpwuid readdir_r".split()
PROCESSES = (
    "system popen fork vfork clone posix_spawn posix_spawnp execl execlp execle execv execvp execvpe execve"
).split()
# Allocation goes through base/mem.h, printing through cli/ and base/log.c, ending through main().
ALLOCATION = "malloc calloc realloc strdup strndup asprintf vasprintf getline".split()
PRINTING = "printf vprintf puts putchar perror".split()
ENDING = "exit _exit abort".split()
RULES = [
    (UNSAFE, None, "is never safe enough"),
    (NOT_REENTRANT, None, "shares its result with everybody"),
    (PROCESSES, None, "the program runs no other"),
    (ALLOCATION, re.compile(r"^base/mem\.c$"), "memory comes from base/mem.h"),
    (PRINTING, re.compile(r"^(cli/|base/log\.c$)"), "only cli/ prints"),
    (ENDING, re.compile(r"^(cli/main\.c|base/interrupt\.c)$"), "nothing below main() ends the process"),
]


def findings_of(path):
    inside = str(path.relative_to(ROOT / "src"))
    code = code_of(path.read_text())
    for names, allowed, why in RULES:
        if allowed and allowed.search(inside):
            continue
        pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
        for match in pattern.finditer(code):
            yield f"src/{inside}:{code.count(chr(10), 0, match.start()) + 1}: {match[1]}(): {why}"


if __name__ == "__main__":
    files = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in (".c", ".h"))
    finish([finding for path in files for finding in findings_of(path)])
