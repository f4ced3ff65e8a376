# SPDX-License-Identifier: Apache-2.0
"""Many at once on one path: one pair, one winner."""
import subprocess

from calling import encode, the_result
from generating import is_pair, listing, request

MANY = 32


def race(program, folder, document):
    processes = [subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  cwd=folder) for _ in range(MANY)]
    for process in processes:
        process.stdin.write(encode(document))
        process.stdin.close()
        process.stdin = None
    done = [(process, *process.communicate(timeout=120)) for process in processes]
    assert [process.returncode for process, _, _ in done] == [0] * MANY
    return [the_result(stdout) for _, stdout, _ in done]


def test_many_first_runs(nsxcert_release, tmp_path):
    results = race(nsxcert_release, tmp_path, request())
    assert sum(result["changed"] for result in results) == 1
    assert len({result["result"]["fingerprint_sha256"] for result in results}) == 1
    assert listing(tmp_path) == ["nsx.crt", "nsx.key"] and is_pair(tmp_path)


def test_many_renewals(nsxcert_release, tmp_path):
    race(nsxcert_release, tmp_path, request())
    results = race(nsxcert_release, tmp_path, request(digest="sha512", backup=True))
    assert sum(result["changed"] for result in results) == 1
    assert is_pair(tmp_path) and is_pair(tmp_path, "nsx.key.previous", "nsx.crt.previous")
    assert len(listing(tmp_path)) == 6
