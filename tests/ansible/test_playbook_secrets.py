# SPDX-License-Identifier: Apache-2.0
"""Secrets stay out of what Ansible prints, logs and keeps."""
import os
import socket
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import pki
from playing import core_versions

VERBOSE = "-vvvv"
DEV_LOG = "/dev/log"


def kept_files(player):
    """Everything that lies in the home of the run."""
    return [path for path in player.home.rglob("*") if path.is_file()]


def holding(paths, secret):
    return [path for path in paths if secret.encode() in path.read_bytes()]


def key_body(player):
    """A line out of the middle of the private key."""
    return (player.folder / "inventory/nsxcert/cluster-0.key").read_text().splitlines()[5]


@contextmanager
def system_log():
    """What programs send to the system's log meanwhile; None where that is somebody else's."""
    if os.path.exists(DEV_LOG) or os.geteuid() != 0:
        yield None
        return
    lines = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(DEV_LOG)
        listener.settimeout(0.2)
        stop = threading.Event()

        def listen():
            while not stop.is_set():
                try:
                    lines.append(listener.recv(65536).decode(errors="replace"))
                except TimeoutError:
                    pass

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield lines
        finally:
            stop.set()
            thread.join()
            os.unlink(DEV_LOG)


@pytest.mark.parametrize("callback", ["minimal", "oneline"])
def test_other_callbacks_do_not_print_it(cluster, player, callback):
    plays = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"nsxcert.nsx.nsx_cluster_certificate_info": {
        "executable": player.nsxcert, "hostname": cluster.endpoint(cluster.vip), "validate_certs": False,
        "username": cluster.username, "password": cluster.password, "token": "CANARY-token-55"}}]}]
    done = player.play(plays, VERBOSE, ANSIBLE_STDOUT_CALLBACK=callback)
    assert done.output and cluster.password not in done.output and "CANARY-token-55" not in done.output


def test_a_literal_password_is_in_no_output_log_or_file(cluster, player):
    with system_log() as lines:
        done = player.site(cluster, VERBOSE, cluster_certificate_password=cluster.password, cluster_certificate_password_env=None,
                           password="not-used").ended()
    assert cluster.password not in done.output and done.said("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
    assert key_body(player) not in done.output
    if lines is not None:
        invoked = [line for line in lines if "Invoked with" in line and "password=" in line]
        assert invoked and all("NOT_LOGGING_PARAMETER" in line for line in invoked)
        assert not any(cluster.password in line for line in lines)
    assert holding(kept_files(player), cluster.password) == [] and list(player.home.rglob("AnsiballZ_*")) == []


def test_secrets_given_by_name_leave_nothing_in_kept_files(cluster, player):
    """With ANSIBLE_KEEP_REMOTE_FILES the modules' arguments stay on disk: then only the names may be there."""
    player.environment["ANSIBLE_KEEP_REMOTE_FILES"] = "1"
    done = player.site(cluster, VERBOSE).ended()
    files = kept_files(player)
    assert any(path.name.startswith("AnsiballZ_") for path in files)
    assert holding(files, cluster.password) == [] and cluster.password not in done.output
    assert holding(files, key_body(player)) == []


@pytest.mark.parametrize("player", core_versions(), indirect=True)
def test_secrets_in_the_wrong_option_are_in_no_output_and_log(cluster, player):
    """A key in the text of the certificate, which works, and a password in the proxy's URL, which is refused."""
    player.environment["ANSIBLE_INJECT_INVOCATION"] = "1"  # the newest core shows options of failures alone otherwise
    pair = pki.make(cluster.vip)
    connection = {"executable": player.nsxcert, "hostname": cluster.endpoint(cluster.vip), "username": cluster.username,
                  "password_env": "NSXT_PASSWORD", "validate_certs": False}
    tasks = [{"nsxcert.nsx.nsx_certificate": {**connection, "certificate_content": "{{ lookup('env', 'PEM') }}"}},
             {"nsxcert.nsx.nsx_certificate_info": {**connection, "pem_encoded": "{{ lookup('env', 'PEM') }}"}},
             {"nsxcert.nsx.nsx_cluster_certificate_info": {**connection, "proxy_url": "{{ lookup('env', 'PROXY') }}"}}]
    with system_log() as lines:
        done = player.play([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], VERBOSE, PEM=pair.pem + pair.key_pem,
                           PROXY="http://bob:CANARY-proxy-77@127.0.0.1:1", NSXT_PASSWORD=cluster.password).ended(2)
    assert done.said("without credentials") and done.hosts["localhost"]["ok"] == 2
    assert pair.pem.splitlines()[5] in done.output  # the certificate itself is to be seen
    for secret in [*pair.key_pem.splitlines()[1:-1], "CANARY-proxy-77"]:
        assert secret not in done.output and not any(secret in line for line in lines or [])
