# SPDX-License-Identifier: Apache-2.0
"""generate and the files it writes: who owns them, what is refused, what a dry run says, who may write at once."""
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from calling import call, encode
from generating import contents, is_pair, issue, key, leaf, listing, mode, moved, request
from pki import make, rsa_key

NOBODY = 65534
AS_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")


@pytest.fixture
def shared():
    """A folder that another user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def refused(run, code, *, exit_code=1):
    assert (run.code, run.error) == (exit_code, code), run.json["error"]
    assert not run.json["changed"]
    return run.json["error"]


# Modes and owners

def test_an_open_key_is_closed_without_a_new_one(program, tmp_path):
    program.run(request(), cwd=tmp_path)
    before = key(tmp_path).private_numbers()
    (tmp_path / "nsx.key").chmod(0o644)
    dry = program.run(request(dry_run=True), cwd=tmp_path)
    assert dry.json["changed"] and dry.steps == {"generate": "unchanged", "restrict-key": "planned"}
    assert mode(tmp_path / "nsx.key") == "0o644"
    run = program.run(request(), cwd=tmp_path)
    assert run.json["changed"] and run.steps == {"generate": "unchanged", "restrict-key": "done"}
    assert mode(tmp_path / "nsx.key") == "0o600" and key(tmp_path).private_numbers() == before
    assert not program.run(request(), cwd=tmp_path).json["changed"]


def test_an_open_key_is_not_kept_open_as_previous(program, tmp_path):
    program.run(request(), cwd=tmp_path)
    (tmp_path / "nsx.key").chmod(0o664)
    program.run(request(digest="sha512", backup=True), cwd=tmp_path)
    assert {mode(path) for path in tmp_path.glob("nsx.key*")} == {"0o600"}


def test_modes_do_not_follow_the_umask(program, tmp_path):
    for mask, prefix in ((0o000, "a"), (0o777, "b")):
        before = os.umask(mask)
        try:
            program.run(request(key_path=prefix + ".key", certificate_path=prefix + ".crt"), cwd=tmp_path)
        finally:
            os.umask(before)
        assert (mode(tmp_path / f"{prefix}.key"), mode(tmp_path / f"{prefix}.crt")) == ("0o600", "0o644")


@as_root
def test_root_keeps_the_owner(program, tmp_path):
    program.run(request(), cwd=tmp_path)
    os.chown(tmp_path / "nsx.key", NOBODY, 12)
    os.chown(tmp_path / "nsx.crt", 1, 34)
    program.run(request(digest="sha512"), cwd=tmp_path)
    for name, owner in (("nsx.key", (NOBODY, 12)), ("nsx.crt", (1, 34))):
        for one in (name, name + ".previous"):
            status = (tmp_path / one).stat()
            assert (status.st_uid, status.st_gid) == owner
    assert (mode(tmp_path / "nsx.key"), mode(tmp_path / "nsx.crt")) == ("0o600", "0o644")


# What is refused: in a dry run as well, and nothing is touched

@pytest.fixture(params=[False, True], ids=["run", "dry-run"])
def dry_run(request):
    return request.param


@pytest.mark.parametrize("path", ["nsx.key", "nsx.crt", "nsx.csr"])
@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_unsafe_targets(program, tmp_path, dry_run, path, kind):
    (tmp_path / "elsewhere").write_text("precious\n")
    if kind == "pipe":
        os.mkfifo(tmp_path / path)
    elif kind == "folder":
        (tmp_path / path).mkdir()
    else:
        (tmp_path / path).symlink_to("elsewhere" if kind == "link" else "nowhere")
    members = {"kind": "request", "certificate_path": None} if path == "nsx.csr" else {}
    error = refused(program.run(request(dry_run=dry_run, **members), cwd=tmp_path), "unsafe-path")
    assert path in error["detail"]
    assert listing(tmp_path) == sorted(["elsewhere", path])
    assert (tmp_path / "elsewhere").read_text() == "precious\n"


@pytest.mark.parametrize("member", ["key_path", "certificate_path"])
@pytest.mark.parametrize("path", ["missing/nsx.pem", "file/nsx.pem", "missing/../nsx.pem"])
def test_missing_folder(program, tmp_path, dry_run, member, path):
    (tmp_path / "file").write_text("")
    refused(program.run(request(dry_run=dry_run, **{member: path}), cwd=tmp_path), "unsafe-path")
    assert listing(tmp_path) == ["file"]


@pytest.mark.parametrize("members", [{"key_path": "nsx.pem", "certificate_path": "./nsx.pem"},
                                     {"key_path": "sub/../nsx.pem", "certificate_path": "nsx.pem"}])
def test_one_file_under_two_spellings(program, tmp_path, dry_run, members):
    (tmp_path / "sub").mkdir()
    refused(program.run(request(dry_run=dry_run, **members), cwd=tmp_path), "unsafe-path")
    assert listing(tmp_path) == ["sub"]


@pytest.mark.parametrize("path", ["", "nsx\0.key", "n" * 300])
def test_unusable_names(program, tmp_path, path):
    run = program.run(request(key_path=path), cwd=tmp_path)
    assert run.code in (1, 64) and run.error in ("invalid-request", "malformed-request", "unsafe-path")
    assert listing(tmp_path) == []


@pytest.mark.parametrize("name", ["-rf", "a b.key", "ключ.key", "%s%n.key", "$(touch x)"])
def test_odd_names_are_only_names(program, tmp_path, name):
    run = program.run(request(key_path=name), cwd=tmp_path)
    assert run.json["ok"] and listing(tmp_path) == sorted([name, "nsx.crt"])


@as_root
def test_someone_elses_file(nsxcert, shared, dry_run):
    (shared / "nsx.key").write_text("not yours\n")
    answer = call(nsxcert, request(dry_run=dry_run), cwd=shared, **AS_NOBODY)
    assert (answer.code, answer.error["code"]) == (1, "unsafe-path")
    assert (shared / "nsx.key").read_text() == "not yours\n" and listing(shared) == ["nsx.key"]


@as_root
def test_read_only_folder(nsxcert, shared):
    shared.chmod(0o755)
    answer = call(nsxcert, request(), cwd=shared, **AS_NOBODY)
    assert (answer.code, answer.error["code"], answer.error["retryable"]) == (1, "permission-denied", False)
    assert listing(shared) == []


@as_root
def test_nothing_to_do_needs_no_right_to_write(nsxcert, shared):
    assert call(nsxcert, request(), cwd=shared, **AS_NOBODY).code == 0
    shared.chmod(0o755)
    answer = call(nsxcert, request(), cwd=shared, **AS_NOBODY)
    assert answer.code == 0 and not answer.result["changed"]


@as_root
@pytest.mark.parametrize("place", ["folder", "link"])
def test_what_was_issued_may_stand_where_nothing_can_be_kept(nsxcert, shared, place):
    """The CA's side may own the folder, or put a link there: the next request is written all the same."""
    (shared / "ca").mkdir(mode=0o755)
    path = "ca/nsx.crt" if place == "folder" else "nsx.crt"
    wanted = request("request", certificate_path=path)
    assert call(nsxcert, wanted, cwd=shared, **AS_NOBODY).code == 0
    issued = issue(shared, make("ca.example.com", key=rsa_key(2), ca=True))
    os.rename(shared / "nsx.crt", shared / "ca" / "nsx.crt")
    if place == "link":
        os.symlink("ca/nsx.crt", shared / "nsx.crt")
    wanted["parameters"]["digest"] = "sha512"
    answer = call(nsxcert, wanted, cwd=shared, **AS_NOBODY)
    assert answer.code == 0 and answer.result["changed"] and listing(shared / "ca") == ["nsx.crt"]
    if place == "link":
        assert leaf(shared, "nsx.crt.previous") == issued


@as_root
def test_unreadable_key_is_not_replaced(nsxcert, shared):
    assert call(nsxcert, request(), cwd=shared, **AS_NOBODY).code == 0
    (shared / "nsx.key").chmod(0)
    before = contents(shared)
    answer = call(nsxcert, request(), cwd=shared, **AS_NOBODY)
    assert (answer.code, answer.error["code"]) == (1, "permission-denied") and contents(shared) == before


# A dry run says what the run will do


def with_pair(folder, program, **members):
    assert program.run(request(**members), cwd=folder).json["ok"]


def leftovers(folder, program):
    with_pair(folder, program)
    (folder / ".nsx.key.nsxcert-new").write_text("half a k")


def half_done(folder, program):
    """As killed between the renames: the new key is in place, the new certificate waits."""
    with_pair(folder, program)
    os.rename(folder / "nsx.crt", folder / ".nsx.crt.nsxcert-new")
    (folder / "nsx.crt").write_text(make("192.0.2.10", key=rsa_key(3)).pem)


def issued_request(folder, program):
    with_pair(folder, program, kind="request")
    issue(folder, make("ca.example.com", key=rsa_key(2), ca=True))


CASES = {
    "first": (lambda folder, program: None, {}, 0),
    "nothing to do": (with_pair, {}, 0),
    "renewal": (with_pair, {}, 300),
    "not valid yet": (with_pair, {}, -30),
    "renewal with the key": (with_pair, {"reuse_key": True}, 300),
    "other names": (with_pair, {"san": {"dns": ["b.example.com", "a.example.com"], "ip": ["2001:db8::1"]}}, 0),
    "names also as DNS": (with_pair, {"ip_as_dns": True, "backup": True}, 0),
    "open key": (lambda folder, program: (with_pair(folder, program), (folder / "nsx.key").chmod(0o640)), {}, 0),
    "validity": (with_pair, {"validity_days": 90}, 0),
    "left over": (leftovers, {}, 0),
    "half done": (half_done, {}, 0),
    "half done, then renewed": (half_done, {"digest": "sha384"}, 0),
    "first request": (lambda folder, program: None, {"kind": "request"}, 0),
    "request pending": (lambda folder, program: with_pair(folder, program, kind="request"), {"kind": "request"}, 0),
    "request issued": (issued_request, {"kind": "request"}, 0),
    "request renewed": (issued_request, {"kind": "request"}, 300),
    "request with other names": (issued_request, {"kind": "request", "san": {"dns": ["b.example.com"]}}, 0),
}


def value_at(document, pointer):
    for part in pointer.split("/")[1:]:
        document = document[int(part) if isinstance(document, list) else part]
    return document


def nulls(value, path=""):
    """Pointers of all nulls."""
    if value is None:
        return {path}
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {found for name, one in inside for found in nulls(one, f"{path}/{name}")}


@pytest.mark.parametrize("case", CASES)
def test_dry_run_equals_the_run(program, nsxcert, tmp_path, case):
    prepare, members, days = CASES[case]
    prepare(tmp_path, program)
    env = moved(days, nsxcert) if days else None
    before = contents(tmp_path)
    dry = program.run(request(dry_run=True, **members), cwd=tmp_path, env=env).json
    assert contents(tmp_path) == before, "a dry run writes nothing"
    run = program.run(request(**members), cwd=tmp_path, env=env).json
    assert run["ok"] and dry["ok"] and dry["dry_run"] and not run["unknown"]
    planned = [dict(step, outcome="planned" if step["outcome"] == "done" else step["outcome"]) for step in run["steps"]]
    assert dry["steps"] == planned and dry["changed"] == run["changed"] and dry["warnings"] == run["warnings"]
    for member in ("result", "diff"):
        for pointer in nulls(dry[member], f"/{member}") - nulls(run[member], f"/{member}"):
            assert pointer in dry["unknown"], f"{pointer} is null and not listed"
    for pointer in dry["unknown"]:
        assert value_at(dry, pointer) is None and value_at(run, pointer) is not None, pointer
        set_null(run, pointer)
    assert dry["diff"] == run["diff"] and dry["result"] == run["result"]
    again = program.run(request(**members), cwd=tmp_path, env=env).json
    assert not again["changed"] and not [name for name in listing(tmp_path) if "nsxcert" in name]


def set_null(document, pointer):
    parent, _, name = pointer.rpartition("/")
    value_at(document, parent)[name] = None


# Nothing to do, several at once

def test_nothing_to_do_syncs_and_writes_nothing(program, nsxcert_release, tmp_path):
    program.run(request(), cwd=tmp_path)
    before = contents(tmp_path)
    trace = tmp_path.parent / f"{tmp_path.name}.trace"
    calls = "fsync,fdatasync,sync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,chmod,fchmod,fchown,mkdir"
    answer = call("strace", request(), "-f", "-qq", "-o", trace, "-e", f"trace={calls}", nsxcert_release, cwd=tmp_path)
    assert answer.code == 0 and not answer.result["changed"]
    assert trace.read_text() == "" and contents(tmp_path) == before


def test_lock_held_until_the_deadline(program, tmp_path):
    with_pair(tmp_path, program)
    holder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        before = contents(tmp_path)
        error = refused(program.run(request(deadline=1, digest="sha512"), cwd=tmp_path), "locked", exit_code=75)
        assert error["retryable"] and contents(tmp_path) == before
        assert program.run(request(dry_run=True), cwd=tmp_path).json["ok"], "a dry run takes no lock"
    finally:
        os.close(holder)
    assert program.run(request(deadline=1), cwd=tmp_path).json["ok"]


def test_lock_that_comes_free_is_waited_for(program, tmp_path):
    holder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    process = program.start(request(), cwd=tmp_path)
    wait_for_lock(process.pid)
    assert listing(tmp_path) == []
    os.close(holder)
    assert program.finish(process).json["changed"] and is_pair(tmp_path)


def wait_for_lock(pid):
    """Until the process has the folder open: from then on it asks for the lock."""
    for _ in range(10000):
        folders = [link for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_dir()]
        if folders:
            return
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            break
    pytest.fail("the program never opened the folder")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_while_waiting_for_the_lock(program, tmp_path, number):
    holder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        process = program.start(request(), cwd=tmp_path)
        wait_for_lock(process.pid)
        process.send_signal(number)
        run = program.finish(process)
    finally:
        os.close(holder)
    assert (run.code, run.error, listing(tmp_path)) == (-number, "interrupted", [])


def test_signal_while_a_source_keeps_silent(program, tmp_path):
    """A named pipe that nobody writes to must not make the program deaf."""
    os.mkfifo(tmp_path / "config")
    process = program.start(request(openssl_config={"file": "config"}), cwd=tmp_path)
    writer = os.open(tmp_path / "config", os.O_WRONLY)  # returns once the program reads
    process.send_signal(signal.SIGTERM)
    run = program.finish(process)
    os.close(writer)
    assert (run.code, run.error) == (-signal.SIGTERM, "interrupted")


def test_key_and_certificate_in_different_folders(program, tmp_path):
    for name in ("keys", "certs"):
        (tmp_path / name).mkdir()
    members = {"key_path": "keys/nsx.pem", "certificate_path": "certs/nsx.pem"}
    for changed in (True, False):
        assert program.run(request(**members), cwd=tmp_path).json["changed"] is changed
    program.run(request(digest="sha512", **members), cwd=tmp_path)
    assert is_pair(tmp_path, "keys/nsx.pem.previous", "certs/nsx.pem.previous")
    assert is_pair(tmp_path, "keys/nsx.pem", "certs/nsx.pem")


def test_the_key_is_in_no_argument_and_no_environment(nsxcert_release, tmp_path):
    """Secrets of the request neither, also when they fail: nothing of them is on stdout or stderr."""
    secret = make("ca.example.com", key=rsa_key(1), ca=True).encrypted_key("canary-pass")
    body = secret.splitlines()[5]
    bad = request("ca_signed", issuer={"certificate": "none", "private_key": secret, "passphrase": "canary-wrong"})
    done = subprocess.run([nsxcert_release, "--debug"], input=encode(bad),
                          capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    for word in (body, "canary"):
        assert word.encode() not in done.stdout + done.stderr


def test_leaf_is_found_behind_text(program, tmp_path):
    """A file that somebody put remarks into is still the certificate asked for."""
    with_pair(tmp_path, program)
    before = leaf(tmp_path)
    (tmp_path / "nsx.crt").write_text("subject=CN = x\n" + (tmp_path / "nsx.crt").read_text() + "\nremark\n")
    assert not program.run(request(), cwd=tmp_path).json["changed"] and leaf(tmp_path) == before
