# Copyright (c) The nsxcert project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes of the modules."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run changes nothing.
    support: full
  action_group:
    description: Use C(group/nsxcert.nsx.all) in C(module_defaults) to give options to all modules of the collection at once.
    membership:
      - nsxcert.nsx.all
    support: full
"""

    # The modules that change something.
    CHANGES = r"""
options: {}
attributes:
  diff_mode:
    support: full
    details:
      - Shown are names, ids, fingerprints, dates and addresses, never a key.
"""

    # The modules that only look.
    LOOKS = r"""
options: {}
attributes:
  check_mode:
    details:
      - The module only looks, in check mode too.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing.
"""
