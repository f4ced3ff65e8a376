# SPDX-License-Identifier: Apache-2.0
"""Tests of what goes wrong below the program use the same helpers as the integration tests."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
