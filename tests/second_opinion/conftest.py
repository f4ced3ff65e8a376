# SPDX-License-Identifier: Apache-2.0
"""`made` is one certificate of each kind, made once a session."""
import kinds
import pytest


@pytest.fixture(scope="session")
def folder_of_kinds(tmp_path_factory):
    top = tmp_path_factory.mktemp("second_opinion")
    kinds.make_ca(top / "ca")
    return top


@pytest.fixture(scope="session")
def made_before():
    """What is made already: a parametrised fixture is set up anew for each file."""
    return {}


@pytest.fixture(scope="session", params=kinds.KINDS)
def made(request, folder_of_kinds, made_before, nsxcert):
    if request.param not in made_before:
        made_before[request.param] = kinds.make(nsxcert, folder_of_kinds, request.param)
    return made_before[request.param]
