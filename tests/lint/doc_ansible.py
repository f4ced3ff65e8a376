# SPDX-License-Identifier: Apache-2.0
"""ansible/docs/troubleshooting.md from the table of errors, with options of the modules in place of members."""
import importlib.util

from doc_errors import ERRORS, exit_codes, pick, rows_of
from sources import ROOT

OPTIONS = ROOT / "ansible/plugins/module_utils/_options.py"
CAUSES = [
    ("`helper-missing`",
     "The machine that runs the task has no program nsxcert.",
     "Run the role [install](../roles/install/README.md) there, or put `delegate_to: localhost` on the task."),
    ("`helper-unusable`",
     "The program found is not nsxcert, or does not start.",
     "Run it by hand with `--capabilities`."),
    ("`helper-too-old`",
     "The program found is older than the collection.",
     "Install the nsxcert that belongs to it."),
    ("`no-result`",
     "The program was killed, or its result was lost.",
     "Run the task again: it carries on from what it finds. `changed` is told, since it may have changed something."),
    ("a task that timed out (`timeout`, `ANSIBLE_TASK_TIMEOUT`), and the cluster changes all the same",
     "Ansible stopped waiting; the module and nsxcert carried on.",
     "Use `deadline_seconds`: it ends the work itself, and the result tells how far it came."),
    ("`Unsupported parameters`",
     "An option is misspelt, or belongs to another module.",
     "`ansible-doc nsxcert.nsx.MODULE` lists them."),
    ("`********` in the middle of a text",
     "Ansible hides every occurrence of a secret, and a short one occurs by chance.",
     "Use a longer password."),
    ("a password in a debug log",
     "`ANSIBLE_DEBUG` prints arguments, `ANSIBLE_KEEP_REMOTE_FILES` keeps them.",
     "Leave both off, or give `password_env` or `password_path`."),
    ("`secret-unavailable` although the variable is set here",
     "`become`, or a delegate elsewhere, has another environment.",
     "Leave `become` off (nothing needs it), or give `password_path`."),
    ("a file that is there is not found, or is made in another place",
     "A path that is not given in full starts in the folder of the playbook.",
     'Give it in full, such as `"{{ inventory_dir }}/files/nsx.crt"`.'),
    ("`no hosts matched`, and the run ends with 0",
     "The group `nsx_clusters`, or what `nsxcert_hosts` names, is misspelt or empty. Ansible takes that for nothing to do.",
     "Correct the name; `--list-hosts` shows which clusters a run would take."),
    ("`localhost` is unreachable over SSH, or has another Python",
     "It is written in the inventory, so Ansible takes it for a host like any other.",
     'Give it `ansible_connection: local` and `ansible_python_interpreter: "{{ ansible_playbook_python }}"`.'),
]
HEAD = """# Troubleshooting

A task that fails says what it found, what to do, and a code that never changes. The same stands in what it returns, for
playbooks: `error.code`, `error.remedy`, `error.retryable`, `error.step`, `error.upstream` (the manager's own words), and `steps`
with what was done before.

```yaml
- name: Import the certificate, again where that may help
  nsxcert.nsx.nsx_certificate:
    certificate_path: files/nsx.crt
    privatekey_path: files/nsx.key
  register: imported
  until: imported is success or not (imported.error.retryable | default(false))
  retries: 3
  delay: 60
```

A refused login is never tried again, so do not wrap `credentials-refused` in retries of your own: five of them lock the account.

| what you see | why | what to do |
| --- | --- | --- |
{causes}

## By code

The texts are those of `nsxcert --explain CODE`, with the options of the modules in place of the members of a request.
"""


def module_options():
    """The tables of the modules' options."""
    spec = importlib.util.spec_from_file_location("_options", OPTIONS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def render():
    options, codes = module_options(), exit_codes()
    shown = options.COMMON + options.source("expected", "parameters.expected")
    causes = "\n".join("| " + " | ".join(cells) + " |" for cells in CAUSES)
    lines = [HEAD.replace("{causes}", causes), "| code | what happened | what to do | again? |", "| --- | --- | --- | --- |"]
    for row in sorted(rows_of(ERRORS), key=lambda row: pick(row, "name", "code")):
        severity = row["severity"].removeprefix("SEVERITY_").lower()
        again = "a warning" if severity != "error" else "yes" if codes[row["exit code"]] == "75" else "no"
        cells = [f"`{pick(row, 'name', 'code')}`", f"{row['title']}. {pick(row, 'why it happens', 'why')}",
                 pick(row, "what to do", "remedy"), again]
        lines.append("| " + " | ".join(options.in_options(cell, shown).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
