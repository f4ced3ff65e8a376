# SPDX-License-Identifier: Apache-2.0
"""docs/errors.md from the tables of the sources: error_codes.def and lint_rules.def."""
import re

from sources import ROOT

ERRORS = "src/base/error_codes.def"
RULES = "src/x509/lint_rules.def"
EXIT_CODES = "src/base/error.h"
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|[A-Za-z0-9_|.+-]+|[(),{}]', re.DOTALL)


def plain(token):
    """The text of a C string literal, or the token itself."""
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def rows_of(path):
    """The rows of an X-macro table: the arguments of each X(…), neighbouring strings joined, and the names of the
    columns as the comment on top of the file gives them."""
    text = (ROOT / path).read_text()
    columns = [name.strip() for name in re.search(r"X\(([^)]*)\)", text)[1].split(",")]
    tokens = [token for token in TOKEN.findall(text) if not token.startswith("/*")]
    rows, at = [], 0
    while at < len(tokens):
        if tokens[at:at + 2] != ["X", "("]:
            at += 1
            continue
        arguments, depth, at = [""], 0, at + 2
        while tokens[at] != ")" or depth:
            token = tokens[at]
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token, 0)
            if token == "," and depth == 0:
                arguments.append("")
            else:
                arguments[-1] += plain(token)
            at += 1
        rows.append(dict(zip(columns, arguments)))
    return rows


def exit_codes():
    text = (ROOT / EXIT_CODES).read_text()
    return dict(re.findall(r"\b(EXIT_[A-Z_]+) = (\d+)", text))


def pick(row, *columns):
    """The two tables name a column differently."""
    return next(row[column] for column in columns if column in row)


def entry(row, facts):
    title, why, remedy = (
        pick(row, "title"), pick(row, "why it happens", "why"), pick(row, "what to do", "remedy")
    )
    head = f"### {pick(row, 'name', 'code')}"
    return [head, "", f"**{title}** ({facts})", "", why, "", f"*What to do:* {remedy}", ""]


def entries(path, facts):
    """An entry for each row, in the order of the codes."""
    rows = sorted(rows_of(path), key=lambda row: pick(row, "name", "code"))
    return [line for row in rows for line in entry(row, facts(row))]


def render():
    codes = exit_codes()

    def error_facts(row):
        severity = row["severity"].removeprefix("SEVERITY_").lower()
        return f"error, exit code {codes[row['exit code']]}" if severity == "error" else severity

    lines = [
        "# Errors, warnings and findings",
        "",
        "The `code` of an error, a warning or a finding is stable; texts may be reworded in any release.",
        "`nsxcert --explain CODE` prints the same from the program itself.",
        "",
        "## Errors and warnings",
        "",
        *entries(ERRORS, error_facts),
        "## Findings about certificates",
        "",
        "`inspect` lists them all; `import`, `register` and `verify` act on those that matter to them. How severe one is",
        "depends on the version of NSX.",
        "",
        *entries(RULES, lambda row: f"NSX versions: {pick(row, 'versions as text', 'versions')}"),
    ]
    return "\n".join(lines).rstrip() + "\n"
