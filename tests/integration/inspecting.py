# SPDX-License-Identifier: Apache-2.0
"""Requests for inspect."""


def request(certificate=None, *, dry_run=False, deadline=30, **parameters):
    given = {} if certificate is None else {"certificate": certificate}
    return {"api_version": "nsxcert/v1", "operation": "inspect", "dry_run": dry_run, "deadline_seconds": deadline,
            "parameters": {**given, **parameters}}


def inspect(program, certificate=None, env=None, **parameters):
    run = program.run(request(certificate, **parameters), env=env)
    assert run.json["ok"], run.json["error"]
    assert not run.json["changed"] and run.steps == {"inspect": "done"}
    return run.result
