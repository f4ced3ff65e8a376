# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os

import pytest

SECRET = "CANARY-a-password-of-its-own"
CLUSTER = {"hostname": "192.0.2.10", "username": "admin", "password": SECRET}
IMPORT = {**CLUSTER, "certificate_path": "/srv/nsx.crt", "privatekey_path": "/srv/nsx.key"}
FACTS = ("certificate_id", "display_name", "fingerprint_sha256", "status", "not_after", "renewal_due")


def auth_of(program):
    return program.request["manager"].get("auth")


class TestFindingTheProgram:
    def test_option_wins_over_the_environment(self, program, run_module, monkeypatch):
        monkeypatch.setenv("NSXCERT", "/nowhere/nsxcert")
        assert "failed" not in run_module("nsx_certificate", executable=str(program.path), **IMPORT)

    def test_environment_variable(self, program, run_module):
        assert "failed" not in run_module("nsx_certificate", **IMPORT)

    def test_path(self, program, run_module, monkeypatch):
        monkeypatch.delenv("NSXCERT")
        monkeypatch.setenv("PATH", os.pathsep.join([str(program.folder), os.environ["PATH"]]))
        assert "failed" not in run_module("nsx_certificate", **IMPORT)

    def test_nowhere(self, program, run_module, monkeypatch):
        monkeypatch.delenv("NSXCERT")
        monkeypatch.setenv("PATH", "/bin")
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["failed"] and outcome["error"]["code"] == "helper-missing"
        assert "nsxcert.nsx.install" in outcome["msg"] and "in PATH" in outcome["msg"]

    @pytest.mark.parametrize("name", ["no-such-file", "plain-file", "."])
    def test_not_a_program(self, program, run_module, name):
        (program.folder / "plain-file").write_text("no program")
        outcome = run_module("nsx_certificate", executable=str(program.folder / name), **IMPORT)
        assert outcome["error"]["code"] == "helper-missing"
        assert str(program.folder) in outcome["msg"]


class TestCapabilities:
    @pytest.mark.parametrize(
        "capabilities",
        [
            {"version": "0.9", "api_versions": ["nsxcert/v0"], "operations": [{"name": "import"}]},
            {"version": "0.9", "api_versions": ["nsxcert/v1"], "operations": [{"name": "inspect"}]},
        ],
    )
    def test_too_old(self, program, run_module, capabilities):
        program.answers(capabilities=capabilities)
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["error"]["code"] == "helper-too-old"
        assert "nsxcert 0.9" in outcome["msg"]
        assert not program.was_asked

    @pytest.mark.parametrize("options", [{"capabilities": []}, {"capabilities": {"version": "1"}}, {"capabilities_exit": 64}])
    def test_not_nsxcert(self, program, run_module, options):
        program.answers(**options)
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["error"]["code"] == "helper-unusable"
        assert str(program.path) in outcome["msg"]
        assert not program.was_asked

    def test_newer_is_fine(self, program, run_module):
        program.answers(
            capabilities={"version": "9", "api_versions": ["nsxcert/v1", "nsxcert/v2"], "operations": [{"name": "import"}, {"name": "x"}]}
        )
        assert "failed" not in run_module("nsx_certificate", **IMPORT)


class TestNoResult:
    def test_killed(self, program, run_module):
        program.answers(text="", end="kill -KILL $$")
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["failed"] and outcome["error"]["code"] == "no-result"
        assert "was ended by signal 9 and no result: no word on stderr. Run the task again" in outcome["msg"]
        assert outcome["error"]["retryable"] is True

    @pytest.mark.parametrize(
        "module, check, changed",
        [("nsx_certificate", False, True), ("nsx_certificate", True, False), ("nsx_cluster_certificate_info", False, False)],
    )
    def test_what_a_killed_run_did_is_not_known(self, program, run_module, module, check, changed):
        """It may have changed something, unless it only looks."""
        program.answers(text="", end="kill -KILL $$")
        assert run_module(module, check=check, **{**CLUSTER, "certificate_path": "/c"})["changed"] is changed

    @pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"ok": true'])
    def test_no_json_result(self, program, run_module, text):
        program.answers(text=text, complaint="a word on stderr", end="exit 70")
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["error"]["code"] == "no-result"
        assert "exit code 70" in outcome["msg"] and "a word on stderr. Run" in outcome["msg"]

    def test_facts_are_there_all_the_same(self, program, run_module):
        program.answers(text="")
        outcome = run_module("nsx_certificate", **IMPORT)
        assert [outcome[name] for name in FACTS] == [None] * len(FACTS)


class TestRequest:
    def test_members(self, program, run_module):
        run_module("nsx_certificate", request_id="change-1", deadline_seconds=30, ca_path=["/a", "/b"], ca_content="PEM", **IMPORT)
        assert program.request == {
            "api_version": "nsxcert/v1",
            "operation": "import",
            "request_id": "change-1",
            "deadline_seconds": 30,
            "dry_run": False,
            "manager": {
                "address": "192.0.2.10",
                "auth": {"username": "admin", "password": SECRET},
                "tls": {"ca": [{"file": "/a"}, {"file": "/b"}, "PEM"]},
                "connect_timeout_seconds": 10,
                "request_timeout_seconds": 60,
            },
            "parameters": {"certificate": {"file": "/srv/nsx.crt"}, "private_key": {"file": "/srv/nsx.key"}, "lint": "enforce"},
        }

    def test_check_mode_is_a_dry_run(self, program, run_module):
        run_module("nsx_certificate", check=True, **IMPORT)
        assert program.request["dry_run"] is True

    def test_validate_certs_off_is_insecure(self, program, run_module):
        run_module("nsx_certificate", validate_certs=False, **IMPORT)
        assert program.request["manager"]["tls"] == {"insecure": True}

    def test_strings_become_numbers(self, program, run_module):
        run_module("nsx_certificate", deadline_seconds="30", connect_timeout_seconds="5", **IMPORT)
        assert program.request["deadline_seconds"] == 30
        assert program.request["manager"]["connect_timeout_seconds"] == 5

    def test_one_string_of_nodes(self, program, run_module):
        run_module("nsx_certificate", nodes="192.0.2.11, 192.0.2.12,192.0.2.13", **IMPORT)
        assert program.request["manager"]["nodes"] == ["192.0.2.11", "192.0.2.12", "192.0.2.13"]

    def test_nodes_with_names(self, program, run_module):
        node = {"address": "192.0.2.11", "server_name": "nsx-1.example.com"}
        run_module("nsx_certificate", nodes=[node, "192.0.2.12"], **IMPORT)
        assert program.request["manager"]["nodes"] == [node, "192.0.2.12"]

    def test_empty_lists_are_not_given(self, program, run_module):
        run_module("nsx_certificate", nodes=[], pin_sha256=[], ca_path=[], **IMPORT)
        assert "nodes" not in program.request["manager"]
        assert "tls" not in program.request["manager"]

    def test_names_of_secrets_are_sent_as_names(self, program, run_module):
        options = {"hostname": "192.0.2.10", "username": "admin", "certificate_path": "/c"}
        run_module("nsx_certificate", password_env="NSX_PW", privatekey_env="NSX_KEY", passphrase_path="/p", **options)
        assert auth_of(program)["password"] == {"env": "NSX_PW"}
        assert program.request["parameters"]["private_key"] == {"env": "NSX_KEY"}
        assert program.request["parameters"]["passphrase"] == {"file": "/p"}

    def test_no_cluster(self, program, run_module):
        outcome = run_module("nsx_certificate", certificate_path="/c")
        assert outcome["failed"] and "hostname" in outcome["msg"] and "NSXT_MANAGER_HOST" in outcome["msg"]
        assert not program.was_asked

    @pytest.mark.parametrize("module", ["nsx_certificate", "nsx_certificate_registration"])
    def test_no_credentials(self, program, run_module, module):
        outcome = run_module(module, hostname="192.0.2.10", certificate_path="/c")
        assert outcome["failed"] and "password_env" in outcome["msg"] and "NSXT_PASSWORD" in outcome["msg"]
        assert not program.was_asked

    @pytest.mark.parametrize(
        "options",
        [{"password_env": "X"}, {"password_path": "/x"}, {"certificate_content": "PEM"}],
    )
    def test_two_for_one_member(self, program, run_module, options):
        outcome = run_module("nsx_certificate", **{**IMPORT, **options})
        assert outcome["failed"] and "mutually exclusive" in outcome["msg"]

    @pytest.mark.parametrize("option", ["password", "token", "passphrase", "privatekey_content"])
    def test_an_empty_secret_is_told_by_its_name(self, program, run_module, option):
        options = {"hostname": "192.0.2.10", "username": "admin", "certificate_path": "/c", option: ""}
        if option not in ("password", "token"):
            options["password_env"] = "NSX_PW"
        outcome = run_module("nsx_certificate", **options)
        assert outcome["msg"] == "A secret is given and empty: %s. Give it, or leave the option out. (invalid-request)" % option
        assert not program.was_asked

    def test_modules_without_cluster_send_none(self, program, run_module):
        options = {**CLUSTER, "token": ""}
        run_module("nsx_certificate_file", common_name="nsx", certificate_path="/c", privatekey_path="/k", **options)
        assert "manager" not in program.request
        assert program.request["operation"] == "generate"

    @pytest.mark.parametrize(
        "given, sent",
        [
            ("2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z"),
            ("2027-01-31 10:20:30", "2027-01-31T10:20:30Z"),
            ("2027-01-31 10:20:30+00:00", "2027-01-31T10:20:30Z"),
            ("2027-01-31T10:20:30+00:00", "2027-01-31T10:20:30Z"),
            ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T00:00:00+02:00", "2027-01-31T00:00:00+02:00"),
            ("soon", "soon"),
        ],
    )
    def test_points_in_time(self, program, run_module, given, sent):
        run_module("nsx_certificate_file", common_name="nsx", certificate_path="/c", privatekey_path="/k", issued_after=given)
        assert program.request["parameters"]["issued_after"] == sent

    def test_nothing_given_in_a_dictionary_is_not_sent(self, program, run_module):
        run_module(
            "nsx_certificate_file",
            common_name="nsx",
            certificate_path="/c",
            privatekey_path="/k",
            subject={"country": "DE"},
            san={"ip": "192.0.2.10, 192.0.2.11"},
            key={"type": "rsa", "bits": "3072"},
        )
        parameters = program.request["parameters"]
        assert parameters["subject"] == {"country": "DE"}
        assert parameters["san"] == {"dns": [], "ip": ["192.0.2.10", "192.0.2.11"]}
        assert parameters["key"] == {"type": "rsa", "bits": 3072}

    def test_drift_is_always_a_report(self, program, run_module):
        run_module("nsx_cluster_certificate_info", expected_fingerprint_sha256="ab", trust_path=["/ca"], **CLUSTER)
        parameters = program.request["parameters"]
        assert parameters["on_drift"] == "report"
        assert parameters["expected"] == {"fingerprint_sha256": "ab"}
        assert parameters["trust"] == [{"file": "/ca"}]

    def test_verify_of_endpoints_needs_no_cluster(self, program, run_module):
        run_module("nsx_cluster_certificate_info", endpoints="192.0.2.20, 192.0.2.21")
        assert "manager" not in program.request
        assert program.request["parameters"]["endpoints"] == ["192.0.2.20", "192.0.2.21"]


class TestEnvironment:
    def test_host(self, program, run_module, monkeypatch):
        monkeypatch.setenv("NSXT_MANAGER_HOST", "192.0.2.99")
        run_module("nsx_certificate", certificate_path="/c", token="t")
        assert program.request["manager"]["address"] == "192.0.2.99"

    def test_host_of_the_task_wins(self, program, run_module, monkeypatch):
        monkeypatch.setenv("NSXT_MANAGER_HOST", "192.0.2.99")
        run_module("nsx_certificate", **IMPORT)
        assert program.request["manager"]["address"] == "192.0.2.10"

    def test_credentials(self, program, run_module, monkeypatch):
        monkeypatch.setenv("NSXT_USERNAME", "admin")
        monkeypatch.setenv("NSXT_PASSWORD", SECRET)
        run_module("nsx_certificate", hostname="192.0.2.10", certificate_path="/c")
        assert auth_of(program) == {"username": "admin", "password": {"env": "NSXT_PASSWORD"}}
        assert SECRET not in json.dumps(program.request)

    def test_password_alone_goes_with_the_user_of_the_task(self, program, run_module, monkeypatch):
        monkeypatch.setenv("NSXT_USERNAME", "somebody")
        monkeypatch.setenv("NSXT_PASSWORD", SECRET)
        run_module("nsx_certificate", hostname="192.0.2.10", username="admin", certificate_path="/c")
        assert auth_of(program) == {"username": "admin", "password": {"env": "NSXT_PASSWORD"}}

    @pytest.mark.parametrize("given", [{"token_env": "T"}, {"username": "admin", "password_path": "/p"}])
    def test_credentials_of_the_task_win(self, program, run_module, monkeypatch, given):
        monkeypatch.setenv("NSXT_USERNAME", "admin")
        monkeypatch.setenv("NSXT_PASSWORD", SECRET)
        run_module("nsx_certificate", hostname="192.0.2.10", certificate_path="/c", **given)
        assert "NSXT_PASSWORD" not in json.dumps(auth_of(program))

    def test_none(self, program, run_module):
        run_module("nsx_cluster_certificate_info", hostname="192.0.2.10")
        assert auth_of(program) is None


class TestSecrets:
    OPTIONS = {
        "hostname": "192.0.2.10",
        "certificate_path": "/c",
        "privatekey_content": SECRET,
        "passphrase": SECRET,
        "token": SECRET,
        "proxy_url": "http://proxy:3128",
        "proxy_username": "me",
        "proxy_password": SECRET,
    }

    def test_only_on_stdin(self, program, run_module):
        run_module("nsx_certificate", **self.OPTIONS)
        assert json.dumps(program.request).count(SECRET) == 4
        assert SECRET not in program.arguments
        assert SECRET not in program.environment

    def test_arguments_are_without_data(self, program, run_module):
        run_module("nsx_certificate", **IMPORT)
        assert program.arguments.split() == ["--capabilities"]

    def test_masked_in_what_comes_back(self, program, run_module):
        program.fails("server-error", detail="The manager said " + SECRET)
        assert SECRET not in json.dumps(run_module("nsx_certificate", **self.OPTIONS))

    BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQDCANARY"
    KEY = "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n" % BODY
    CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

    @pytest.mark.parametrize(
        "module, options",
        [
            ("nsx_certificate", {"certificate_content": CERTIFICATE + KEY}),
            ("nsx_certificate", {"pem_encoded": KEY.replace("PRIVATE", "RSA PRIVATE") + CERTIFICATE}),
            ("nsx_certificate", {"certificate_content": "-----BEGIN EC PRIVATE KEY-----" + BODY}),
            ("nsx_certificate", {"certificate_content": KEY, "certificate_path": "/c"}),
            ("nsx_certificate", {"certificate_path": "/c", "ca_content": KEY}),
            ("nsx_certificate_info", {"certificate_content": CERTIFICATE + KEY}),
            ("nsx_certificate_file", {"privatekey_path": "/k", "openssl_config_content": KEY}),
            ("nsx_cluster_certificate_info", {"reported": [{"endpoint": "a", "service": "api", "text": KEY}]}),
        ],
    )
    def test_a_key_in_the_text_of_a_certificate(self, program, run_module, logged, module, options):
        """Neither what comes back (with all options in it) nor the line of the system's log shows it; the rest is seen."""
        program.answers({"result": {"certificate": {"certificate_pem": self.CERTIFICATE}}})
        outcome = run_module(module, **{**CLUSTER, **options})
        for line in self.BODY.splitlines():
            assert line not in json.dumps(outcome) + logged()
        if "failed" not in outcome:
            assert outcome["result"]["certificate"]["certificate_pem"] == self.CERTIFICATE
            assert "Invoked with" in logged()

    def test_a_key_is_sent_all_the_same(self, program, run_module):
        options = {**CLUSTER, "certificate_content": self.CERTIFICATE + self.KEY}
        run_module("nsx_certificate", **options)
        assert program.request["parameters"]["certificate"] == self.CERTIFICATE + self.KEY

    @pytest.mark.parametrize("password", [SECRET, "CANARY@with/odd:signs"])
    def test_a_password_in_the_url_of_the_proxy(self, program, run_module, logged, password):
        """The program refuses it, but the options are shown by then."""
        program.fails("invalid-request")
        url = "http://bob:%s@proxy.example.com:3128" % password
        outcome = run_module("nsx_certificate", **{**IMPORT, "password": "another-password", "proxy_url": url})
        assert password not in json.dumps(outcome) + logged() and "proxy.example.com:3128" in logged()


class TestOutcome:
    RESULT = {
        "certificate_id": "5f1c",
        "display_name": "vip-1",
        "certificate": {"fingerprint_sha256": "9f86", "not_after": "2027-11-25T00:00:00Z", "renewal_due": False},
    }

    def test_facts(self, program, run_module):
        program.answers({"changed": True, "result": self.RESULT})
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["changed"] is True
        assert [outcome[name] for name in FACTS] == ["5f1c", "vip-1", "9f86", None, "2027-11-25T00:00:00Z", False]
        assert outcome["result"] == self.RESULT

    def test_facts_of_a_failure(self, program, run_module):
        program.answers({"ok": False, "result": self.RESULT, "error": {"code": "settle-timeout", "detail": "No."}}, end="exit 75")
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["failed"] and outcome["certificate_id"] == "5f1c"

    def test_facts_of_the_leaf_of_a_chain(self, program, run_module):
        program.answers({"result": {"certificates": [{"fingerprint_sha256": "leaf"}, {"fingerprint_sha256": "ca"}]}})
        assert run_module("nsx_certificate_info", certificate_path="/c")["fingerprint_sha256"] == "leaf"

    def test_error_is_kept_whole(self, program, run_module):
        program.fails("name-conflict", retryable=False, step="import", upstream={"http_status": 400})
        outcome = run_module("nsx_certificate", **IMPORT)
        assert outcome["error"]["upstream"] == {"http_status": 400}
        assert outcome["error"]["step"] == "import" and outcome["error"]["retryable"] is False

    def test_message_is_to_act_on(self, program, run_module):
        program.fails("name-conflict")
        assert run_module("nsx_certificate", **IMPORT)["msg"] == "It went wrong. Try something else. (name-conflict)"

    @pytest.mark.parametrize(
        "pointer, option",
        [
            ("/manager/auth/username", "username"),
            ("/manager/tls/pin_sha256/0", "pin_sha256"),
            ("/manager/nodes/1/address", "nodes"),
            ("/parameters/certificate/file", "certificate_path, certificate_content"),
        ],
    )
    def test_message_names_the_option(self, program, run_module, pointer, option):
        findings = [{"code": "bad-value", "detail": "It is not right", "remedy": "Mend it.", "pointer": pointer}]
        program.fails("invalid-request", errors=findings)
        message = run_module("nsx_certificate", **IMPORT)["msg"]
        assert message == "It is not right [%s]. Mend it. (invalid-request)" % option

    def test_remedy_speaks_of_options(self, program, run_module):
        program.fails("untrusted-manager", remedy="Add it to `manager.tls.pin_sha256`, or set `manager.tls.ca` or `scope`.")
        message = run_module("nsx_certificate", **IMPORT)["msg"]
        assert "Add it to `pin_sha256`, or set `ca_path` or `ca_content` or `scope`." in message

    def test_the_error_speaks_of_options_too(self, program, run_module):
        finding = {"code": "x", "detail": "It contradicts `manager.tls.ca`.", "remedy": "Leave `manager.tls.ca` out."}
        program.fails("proxy-failed", remedy="Check `manager.proxy`.", errors=[finding])
        error = run_module("nsx_certificate", **IMPORT)["error"]
        assert error["remedy"] == "Check `proxy_url`."
        assert error["errors"][0]["detail"] == "It contradicts `ca_path` or `ca_content`."

    def test_warnings_are_those_of_the_task(self, program, run_module):
        notices = [
            {"code": "insecure", "severity": "warning", "detail": "Nothing is checked."},
            {"code": "hint", "severity": "info", "detail": "By the way."},
        ]
        program.answers({"warnings": notices})
        outcome = run_module("nsx_certificate", **IMPORT)
        assert "Nothing is checked. (insecure)" in str(outcome["warnings"])
        assert "By the way" not in str(outcome["warnings"])
        assert outcome["notices"] == notices

    def test_places_that_only_a_real_run_fills(self, program, run_module):
        program.answers({"changed": True, "unknown": ["/result/certificate_id"], "dry_run": True})
        assert run_module("nsx_certificate", check=True, **IMPORT)["unknown"] == ["/result/certificate_id"]


class TestDiff:
    AFTER = {"display_name": "vip-1", "fingerprint_sha256": "9f86", "certificate_id": None, "private_key": SECRET}
    ENTRY = {"what": "trust store", "before": None, "after": AFTER}

    def test_only_in_diff_mode(self, program, run_module):
        program.answers({"diff": [self.ENTRY]})
        assert "diff" not in run_module("nsx_certificate", **IMPORT)

    def test_names_and_fingerprints(self, program, run_module):
        program.answers({"diff": [self.ENTRY]})
        options = {**IMPORT, "password": "another-password"}
        assert run_module("nsx_certificate", diff=True, **options)["diff"] == [
            {
                "before": {},
                "before_header": "trust store",
                "after": {"display_name": "vip-1", "fingerprint_sha256": "9f86"},
                "after_header": "trust store",
            }
        ]

    def test_each_manager_is_named(self, program, run_module):
        steps = [
            {"name": "register-node", "endpoint": "192.0.2.11", "changed": True},
            {"name": "register-node", "endpoint": "192.0.2.12", "changed": False},
            {"name": "register-cluster", "endpoint": "192.0.2.10", "changed": True},
        ]
        entries = [{**self.ENTRY, "what": "node certificate"}, {**self.ENTRY, "what": "cluster certificate"}]
        program.answers({"steps": steps, "diff": entries})
        diff = run_module("nsx_certificate_registration", diff=True, certificate_path="/c", **CLUSTER)["diff"]
        assert [entry["after_header"] for entry in diff] == ["node certificate of 192.0.2.11", "cluster certificate of 192.0.2.10"]

    def test_of_a_failure(self, program, run_module):
        program.answers({"ok": False, "diff": [self.ENTRY], "error": {"code": "x", "detail": "No."}})
        assert len(run_module("nsx_certificate", diff=True, **IMPORT)["diff"]) == 1


class TestVerify:
    """What nsx_cluster_certificate_info says of a cluster that is not in sync."""

    ENDPOINTS = [
        {"address": "192.0.2.10:443", "role": "vip", "status": "in_sync", "reason": None, "checks": {"name": True}},
        {"address": "[2001:db8::1]:443", "role": "node", "status": "in_sync", "reason": None, "checks": {"name": True}},
    ]

    def verify(self, program, run_module, result=None, warnings=(), reported=(), **options):
        answer = {"status": "drifted", "reason": None, "endpoints": self.ENDPOINTS, "api": None, **(result or {})}
        program.answers({"result": answer, "warnings": list(warnings)})
        return run_module("nsx_cluster_certificate_info", reported=list(reported), **{**CLUSTER, **options})

    def said(self, program, run_module, text, **verdict):
        """The message of one console that printed TEXT and was judged by VERDICT."""
        entry = {"endpoint": "192.0.2.11", "service": "api", **verdict}
        reported = [{"endpoint": entry["endpoint"], "service": entry["service"], "text": text}]
        return self.verify(program, run_module, {"status": entry["status"], "reported": [entry]}, reported=reported)["msg"]

    def test_in_sync(self, program, run_module):
        assert "msg" not in self.verify(program, run_module, {"status": "in_sync"})

    def test_endpoints(self, program, run_module):
        seen = [
            {"address": "192.0.2.11", "role": "node", "status": "drifted", "reason": None, "checks": {"a": False, "b": None, "c": False}},
            {"address": "192.0.2.12", "role": "node", "status": "unknown", "reason": "connection refused", "checks": None},
        ]
        message = self.verify(program, run_module, {"endpoints": self.ENDPOINTS + seen})["msg"]
        assert message == "The cluster is drifted: 192.0.2.11 is drifted (a, c); 192.0.2.12 is unknown (connection refused)"

    def test_the_api(self, program, run_module):
        use = {"address": "192.0.2.11", "fingerprint_sha256": "ab", "matches": False}
        message = self.verify(program, run_module, {"api": {"cluster": {**use, "matches": True}, "nodes": [use]}})["msg"]
        assert message == "The cluster is drifted: the API names another certificate for 192.0.2.11 (ab)"

    def test_the_api_could_not_be_read(self, program, run_module):
        notice = {"code": "api-not-read", "severity": "warning", "detail": "192.0.2.10 answered 403 (credentials-refused)"}
        message = self.verify(program, run_module, {"status": "unknown", "reason": "not-verified"}, [notice])["msg"]
        assert message == "The cluster is unknown: 192.0.2.10 answered 403 (credentials-refused)"

    def test_nothing_was_looked_at(self, program, run_module):
        result = {"status": "unknown", "reason": "unreachable", "endpoints": []}
        assert self.verify(program, run_module, result)["msg"] == "The cluster is unknown: unreachable"

    def test_a_console_that_differs(self, program, run_module):
        message = self.said(program, run_module, "PEM", endpoint="2001:db8::1", status="drifted", fingerprint_sha256="ab")
        assert message == "The cluster is drifted: the console of 2001:db8::1 is drifted (get certificate api: ab)"

    def test_a_console_that_says_something_else(self, program, run_module):
        message = self.said(program, run_module, " % Invalid\n", endpoint="192.0.2.10", status="unknown", fingerprint_sha256=None)
        assert message.endswith("the console of 192.0.2.10 is unknown (get certificate api: % Invalid)")

    @pytest.mark.parametrize("service, where", [("api", "nsx-1.example.com"), ("cluster", "the virtual IP")])
    def test_a_console_that_nothing_is_there_to_compare_with(self, program, run_module, monkeypatch, service, where):
        monkeypatch.setattr(self.__class__, "ENDPOINTS", [{**self.ENDPOINTS[1]}])
        verdict = {"endpoint": "nsx-1.example.com", "service": service, "status": "unknown", "fingerprint_sha256": "ab"}
        message = self.said(program, run_module, "PEM", **verdict)
        assert message.endswith("(get certificate %s: ab); %s is not among the endpoints looked at" % (service, where))

    def test_an_expected_certificate_that_is_not_there_yet_has_no_facts(self, program, run_module):
        """In check mode the endpoints are looked at all the same; what they serve is not the expected certificate."""
        notice = {"code": "source-not-yet", "severity": "warning", "detail": "x", "pointer": "/parameters/expected"}
        certificate = {"fingerprint_sha256": "served", "not_after": "2027-11-25T00:00:00Z"}
        outcome = self.verify(program, run_module, {"certificate": certificate, "renewal_due": False}, [notice], check=True)
        assert [outcome[name] for name in FACTS] == [None, None, None, "drifted", None, None]
