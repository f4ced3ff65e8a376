# SPDX-License-Identifier: Apache-2.0
clusters = {
  north = {
    address          = "192.0.2.10"
    nodes            = ["192.0.2.11", "192.0.2.12", "192.0.2.13"]
    certificate_file = "north.crt"
  }
  south = {
    address          = "nsx-south.example.com"
    password_env     = "NSXT_PASSWORD"
    certificate_file = "south.crt"
  }
}
fleet = [
  { address = "192.0.2.20:443", server_name = "lb-1.example.com" },
  { address = "192.0.2.21:443", server_name = "lb-2.example.com" },
]
