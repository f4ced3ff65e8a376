#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the reference pages of docs/ from the tables and schemas they describe: `make docs`."""
import doc_ansible
import doc_errors
import doc_operations
from sources import ROOT

PAGES = {
    "docs/errors.md": doc_errors.render,
    "docs/operations.md": doc_operations.render,
    "ansible/docs/troubleshooting.md": doc_ansible.render,
}

if __name__ == "__main__":
    for page, render in PAGES.items():
        (ROOT / page).write_text(render())
