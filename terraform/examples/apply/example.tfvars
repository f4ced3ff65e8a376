# SPDX-License-Identifier: Apache-2.0
address      = "192.0.2.10"
nodes        = ["192.0.2.11", "192.0.2.12", "192.0.2.13"]
common_name  = "192.0.2.10"
dns_names    = ["nsx.example.com"]
ip_addresses = ["192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13"]
pin_sha256   = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
