# SPDX-License-Identifier: Apache-2.0
"""Secrets stay out of what Ansible prints, logs and keeps."""
import os
import socket
import threading
from contextlib import contextmanager

import pytest

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
