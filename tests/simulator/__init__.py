# SPDX-License-Identifier: Apache-2.0
"""A simulator of NSX Manager clusters over real TLS on loopback addresses."""
