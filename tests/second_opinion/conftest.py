# SPDX-License-Identifier: Apache-2.0
"""`made` is one certificate of each kind, made once a session."""
import kinds
import pytest


@pytest.fixture(scope="session")
def folder_of_kinds(tmp_path_factory):
    top = tmp_path_factory.mktemp("second_opinion")
    kinds.make_ca(top / "ca")
    return top


@pytest.fixture(scope="session", params=kinds.KINDS)
def made(request, folder_of_kinds, nsxcert):
    return kinds.make(nsxcert, folder_of_kinds, request.param)
