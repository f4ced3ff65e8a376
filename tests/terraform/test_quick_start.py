# SPDX-License-Identifier: Apache-2.0
"""terraform/demo.sh, whose installing is left out: what it installs is there."""
import os
import subprocess

import pytest

from terraforming import ROOT


@pytest.mark.parametrize("version", ["2.4"])
def test_the_quick_start(terraform_program, cli_config, nsxcert_release, version):
    del cli_config
    process = subprocess.run(
        [ROOT / "terraform" / "demo.sh", "--plain"], capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "TERRAFORM": terraform_program.path, "NSXCERT_RELEASE": nsxcert_release, "NSX": version})
    assert process.returncode == 0, process.stdout + process.stderr
    assert 'in check "drift"' in process.stdout
    assert "No changes." in process.stdout and process.stdout.rstrip().endswith('status = "in_sync"')
