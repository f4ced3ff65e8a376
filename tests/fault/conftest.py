# SPDX-License-Identifier: Apache-2.0
"""Fault tests use the requests and the runner of the integration tests."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))
