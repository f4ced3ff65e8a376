# SPDX-License-Identifier: Apache-2.0
# examples/apply on a simulated cluster; terraform/demo.sh starts the simulator and writes the variables.

module "cluster" {
  source = "../apply"

  executable   = var.executable
  address      = var.address
  nodes        = var.nodes
  common_name  = var.common_name
  ip_addresses = var.ip_addresses
  pin_sha256   = var.pin_sha256
  folder       = var.folder
}
