# Copyright (c) The nsxcert project
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the nsxcert program for a module: finds it, gives it one request, makes its result the module's."""

from __future__ import annotations

import json
import os
import re

from ansible.module_utils.basic import AnsibleModule, env_fallback

from . import _options

API_VERSION = "nsxcert/v1"
INSTALL = (
    "Install nsxcert on the machine that runs this task (role nsxcert.nsx.install), put delegate_to localhost on the "
    "task if it runs elsewhere, or name the program by the option executable or the environment variable NSXCERT."
)
# What later tasks use most, at the top of every module's result; null where it is not known.
FACTS = ("certificate_id", "display_name", "fingerprint_sha256", "status", "not_after", "renewal_due")
DIFF_MEMBERS = ("display_name", "certificate_id", "fingerprint_sha256", "not_after", "san", "path")
CHANGING = ("generate", "import", "register")
# Secrets that stand where no secret is expected: a key in the text of a certificate, a user and a password in a URL.
STRAY_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<key>.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)|://(?P<login>[^\s@]*:\S*)@", re.S
)


def argument_spec(options):
    """The argument spec of the table OPTIONS."""
    spec = {}
    for entry in options:
        arguments = {key: value for key, value in entry.spec.items() if (key, value) != ("aliases", [])}
        variables = arguments.pop("fallback_env", None)
        if variables:
            arguments["fallback"] = (env_fallback, variables)
        spec[entry.name] = arguments
    return spec


def stray_secrets(value):
    """The secrets in VALUE, an option as it was given, that stand where none is expected."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*map(stray_secrets, value))
    if not isinstance(value, str):
        return set()
    found = [secret for match in STRAY_SECRETS.finditer(value) for secret in match.groups() if secret and secret.strip()]
    return set(found + [repr(secret)[1:-1] for secret in found])  # as the log has the items of a list too


class Module(AnsibleModule):
    """An AnsibleModule that hides secrets also where no option for them holds them."""

    def _load_params(self):
        # Here, since a failure of the validation that comes next shows the options too.
        super()._load_params()
        self.no_log_values.update(stray_secrets(self.params))


def make_module(options, **rules):
    """The AnsibleModule of the table OPTIONS. RULES are those of AnsibleModule, beside what the table itself excludes."""
    return Module(
        argument_spec=argument_spec(options),
        mutually_exclusive=_options.exclusive(options) + rules.pop("mutually_exclusive", []),
        supports_check_mode=True,
        **rules
    )


def fail(module, code, detail, remedy, retryable=False, changed=False):
    """Ends the module with an error of its own, in the shape of the program's."""
    error = {"code": code, "severity": "error", "detail": detail, "remedy": remedy, "retryable": retryable}
    module.fail_json(msg="%s %s (%s)" % (detail, remedy, code), error=error, changed=changed, **dict.fromkeys(FACTS))


def said(errors):
    """What the program wrote to stderr, as the end of a sentence."""
    return "%s." % (errors.strip().rstrip(".") or "no word on stderr")


def find_program(module):
    """The path of the program: option or NSXCERT, else PATH."""
    named = module.params["executable"]
    if named is None:
        path = module.get_bin_path("nsxcert")
    else:
        path = named if os.path.isfile(named) and os.access(named, os.X_OK) else None
    if path is None:
        where = "in PATH" if named is None else "at %s" % named
        fail(module, "helper-missing", "There is no nsxcert %s." % where, INSTALL)
    return path


def run_program(module, arguments, data=None):
    """What the program answers: its exit code, the JSON object on its stdout or None, and stderr."""
    try:
        code, output, errors = module.run_command(arguments, data=data, binary_data=True, handle_exceptions=False)
    except OSError as reason:
        fail(module, "helper-unusable", "%s cannot be started: %s" % (arguments[0], reason.strerror or reason), INSTALL)
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    return code, answer if isinstance(answer, dict) else None, errors


def check_program(module, program, operation):
    """Ends the module unless PROGRAM can do OPERATION in the way this collection asks for it."""
    code, capabilities, errors = run_program(module, [program, "--capabilities"])
    if code != 0 or capabilities is None or "operations" not in capabilities:
        detail = "%s does not answer as nsxcert does (exit code %d): %s" % (program, code, said(errors))
        fail(module, "helper-unusable", detail, INSTALL)
    known = [entry.get("name") for entry in capabilities["operations"]]
    if API_VERSION not in capabilities.get("api_versions", []) or operation not in known:
        detail = "%s is nsxcert %s, which does not know %s of %s." % (program, capabilities.get("version"), operation, API_VERSION)
        fail(module, "helper-too-old", detail, "Install the nsxcert that belongs to this collection.")


def add_environment_credentials(request):
    """Credentials from the environment where the task gives none: their names are sent, the program reads the values."""
    auth = request["manager"].setdefault("auth", {})
    others = [name for name in auth if name not in ("username", "scheme")]
    if not others and os.environ.get("NSXT_PASSWORD"):
        username = auth.get("username") or os.environ.get("NSXT_USERNAME")
        if username:
            auth.update(username=username, password={"env": "NSXT_PASSWORD"})
    if not auth:
        del request["manager"]["auth"]


def used_options(module, options, manager):
    """Those of OPTIONS that are sent. MANAGER: whether the module talks to a cluster, if one is named."""
    if manager and module.params["hostname"] is not None:
        return options
    return [entry for entry in options if not (entry.member or "").startswith("manager.")]


def request_of(module, operation, options, parameters):
    """The request for OPERATION: PARAMETERS and what the options say."""
    base = {"api_version": API_VERSION, "operation": operation, "dry_run": module.check_mode, "parameters": dict(parameters)}
    request = _options.request_from(options, module.params, base)
    if "manager" in request:
        add_environment_credentials(request)
    return request


def facts_of(answer):
    """The values that later tasks use, from wherever this operation's result has them."""
    result = answer.get("result") or {}
    places = [result, result.get("certificate") or {}]
    places += [entry["leaf"] if "leaf" in entry else entry for entry in (result.get("certificates") or [])[:1]]
    facts = {}
    for name in FACTS:
        facts[name] = next((place[name] for place in places if place.get(name) is not None), None)
    return facts


def diff_of(answer):
    """What changed or would, for --diff: names and fingerprints, never a key or a whole certificate."""
    entries = []
    differences = answer.get("diff") or []
    # Each entry is that of a step that changed something; where the steps have endpoints, they tell one from the other.
    endpoints = [step.get("endpoint") for step in answer.get("steps") or [] if step.get("changed")]
    if len(endpoints) != len(differences):
        endpoints = [None] * len(differences)
    for entry, endpoint in zip(differences, endpoints):
        header = "%s of %s" % (entry.get("what"), endpoint) if endpoint else entry.get("what")
        sides = {}
        for side in ("before", "after"):
            values = entry.get(side) or {}
            sides[side] = {key: values[key] for key in DIFF_MEMBERS if values.get(key) is not None}
            sides[side + "_header"] = header
        entries.append(sides)
    return entries


def values_of(module, answer):
    """What the module returns, success or not."""
    values = facts_of(answer)
    values.update(
        changed=bool(answer.get("changed")),
        result=answer.get("result"),
        steps=answer.get("steps") or [],
        notices=answer.get("warnings") or [],
        unknown=answer.get("unknown") or [],
        target=answer.get("target"),
        meta=answer.get("meta"),
    )
    if module._diff:
        values["diff"] = diff_of(answer)
    return values


def with_options(finding, options):
    """What FINDING says, and which options of the module stand for the member that it is about."""
    member = (finding.get("pointer") or "").strip("/").replace("/", ".")
    names = [entry.name for entry in options if entry.member and (entry.member + ".").startswith(member + ".")]
    if not member or not names:
        names = [entry.name for entry in options if entry.member and (member + ".").startswith(entry.member + ".")]
    detail = finding.get("detail") or finding.get("title") or "nsxcert failed."
    return "%s [%s]" % (detail, ", ".join(names)) if member and names else detail


def error_in_options(error, options):
    """ERROR with the options' names in its texts."""
    texts = {name: _options.in_options(error[name], options) for name in ("detail", "remedy") if error.get(name)}
    findings = {"errors": [error_in_options(finding, options) for finding in error["errors"]]} if error.get("errors") else {}
    return {**error, **texts, **findings}


def message_of(error, options):
    """One sentence or two that a person can act on: what is wrong and what to do, for each finding if there are several."""
    texts = []
    for finding in error.get("errors") or [error]:
        texts += [with_options(finding, options), finding.get("remedy") or ""]
    sentences = [text.rstrip(". ") + "." for text in texts if text]
    return "%s (%s)" % (" ".join(sentences), error.get("code"))


def require_cluster(module):
    """Ends the module unless a cluster and credentials for it are given, by options or by the environment."""
    if module.params["hostname"] is None:
        remedy = "Give hostname to the task, by module_defaults or in the environment variable NSXT_MANAGER_HOST."
        fail(module, "invalid-request", "No cluster is named.", remedy)
    auth = [entry.name for entry in _options.MANAGER if entry.member.startswith("manager.auth.")]
    given = any(module.params[name] is not None for name in auth)
    if not given and not (os.environ.get("NSXT_USERNAME") and os.environ.get("NSXT_PASSWORD")):
        remedy = (
            "Give username and password (or password_path, password_env), a token or a client certificate, or set the "
            "environment variables NSXT_USERNAME and NSXT_PASSWORD."
        )
        fail(module, "invalid-request", "No credentials are given.", remedy)


def refuse_empty_secrets(module, options):
    """Ends the module where a secret is given and is empty, as a variable that was never set makes it."""
    empty = [entry.name for entry in options if entry.spec.get("no_log") and module.params[entry.name] == ""]
    if empty:
        detail = "A secret is given and empty: %s." % ", ".join(empty)
        fail(module, "invalid-request", detail, "Give it, or leave the option out.")


def fail_without_result(module, operation, code, errors):
    """Ends the module where the program was killed. What it did is not known: nobody must take that for nothing."""
    how = "was ended by signal %d" % -code if code < 0 else "ended with exit code %d" % code
    detail = "nsxcert %s and no result: %s" % (how, said(errors))
    remedy = "Run the task again: nsxcert carries on from what it finds."
    fail(module, "no-result", detail, remedy, retryable=True, changed=operation in CHANGING and not module.check_mode)


def run(module, operation, options, manager, parameters=None, told=None):
    """Runs OPERATION with the options given to MODULE and the constant PARAMETERS, and ends the module with the outcome.

    MANAGER: whether it talks to a cluster, if one is named. TOLD: values of the module's own, from what it would return.
    """
    used = used_options(module, options, manager)
    refuse_empty_secrets(module, used)
    program = find_program(module)
    check_program(module, program, operation)
    request = request_of(module, operation, used, parameters or {})
    code, answer, errors = run_program(module, [program], data=json.dumps(request))
    if answer is None or "ok" not in answer:
        fail_without_result(module, operation, code, errors)
    values = values_of(module, answer)
    values.update(told(values) if told else {})
    for notice in values["notices"]:
        if notice.get("severity") != "info":
            detail = _options.in_options(notice.get("detail") or notice.get("title") or "", options)
            module.warn("%s (%s)" % (detail, notice.get("code")))
    error = answer.get("error")
    if error:
        error = error_in_options(error, options)
        values["msg"] = message_of(error, options)
        module.fail_json(error=error, **values)
    module.exit_json(**values)
