# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.nsxcert.nsx.plugins.module_utils import _options
from ansible_collections.nsxcert.nsx.plugins.module_utils._options import COMMON, option, reference, secret, source


def request_of(options, **params):
    return _options.request_from(options, params, {})


def test_members_are_paths():
    options = [option("a", "x.y.z"), option("b", "x.y.w"), option("c", "v"), option("d", None)]
    assert request_of(options, a=1, b=2, c=3, d=4) == {"x": {"y": {"z": 1, "w": 2}}, "v": 3}


def test_false_and_zero_are_given():
    assert request_of([option("a", "a"), option("b", "b")], a=False, b=0) == {"a": False, "b": 0}


@pytest.mark.parametrize("value", [None, []])
def test_nothing_is_not_given(value):
    assert request_of([option("a", "a")], a=value) == {}


def test_the_base_is_filled_not_replaced():
    base = {"parameters": {"fixed": 1}}
    assert _options.request_from([option("a", "parameters.a")], {"a": 2}, base) == {"parameters": {"fixed": 1, "a": 2}}


@pytest.mark.parametrize(
    "name, sent",
    [
        ("c", "v"),
        ("c_path", {"file": "v"}),
        ("c_env", {"env": "v"}),
    ],
)
def test_forms_of_a_secret(name, sent):
    assert request_of(secret("c", "m"), **{name: "v"}) == {"m": sent}


@pytest.mark.parametrize(
    "name, sent",
    [
        ("certificate_path", {"file": "v"}),
        ("certificate_content", "v"),
        ("certificate_id", {"certificate_id": "v"}),
        ("fingerprint_sha256", {"fingerprint_sha256": "v"}),
        ("endpoint", {"endpoint": "v"}),
    ],
)
def test_forms_of_a_reference(name, sent):
    assert request_of(reference("certificate", "m"), **{name: "v"}) == {"m": sent}


def test_lists_of_one_member_are_joined_and_exclude_nothing():
    options = [option("p", "m", "files", type="list"), option("t", "m", "texts")]
    assert request_of(options, p=["a", "b"], t="PEM") == {"m": [{"file": "a"}, {"file": "b"}, "PEM"]}
    assert _options.exclusive(options) == []


def test_ways_to_give_one_member_exclude_each_other():
    options = source("c", "m") + secret("p", "n") + [option("z", "z")]
    assert _options.exclusive(options) == [["c_path", "c_content"], ["p", "p_path", "p_env"]]


def test_what_was_left_out_in_a_dictionary_is_not_sent():
    assert request_of([option("a", "a")], a={"x": None, "y": [{"z": None, "w": " b "}, " c "]}) == {"a": {"y": [{"w": " b "}, "c"]}}


@pytest.mark.parametrize(
    "text, said",
    [
        ("Give `manager.nodes` or `auth`.", "Give `nodes` or `username`, `token` or `client_certificate_path`."),
        ("Check `manager.proxy`.", "Check `proxy_url`."),
        ("No CA of `manager.tls`.", "No CA of `ca_path` or `pin_sha256`."),
        ("`tls.insecure` trusts anybody.", "`validate_certs: false` trusts anybody."),
        ("Use `ca` or `manager.tls.ca`.", "Use `ca_path` or `ca_path` or `ca_content`."),
        ("Correct `expected`.", "Correct `expected_path` or `expected_content`."),
        ("Set `scope: all`, `scope`, `deadline_seconds` or `other`.", "Set `scope: all`, `scope`, `deadline_seconds` or `other`."),
        ("`key` is an option, the member of that name is another.", "`key` is an option, the member of that name is another."),
    ],
)
def test_texts_of_the_program_speak_of_options(text, said):
    own = [option("key", "parameters.shape"), option("other_key", "parameters.key"), option("scope", "parameters.scope")]
    assert _options.in_options(text, COMMON + source("expected", "parameters.expected") + own) == said
