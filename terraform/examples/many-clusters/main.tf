# SPDX-License-Identifier: Apache-2.0
# Watches some clusters, one data source each. For many see the README: one data source for all endpoints.

module "status" {
  source   = "../../modules/status"
  for_each = var.clusters

  executable = var.executable
  manager = {
    address = each.value.address
    nodes   = each.value.nodes
    auth    = each.value.password_env == null ? null : { username = each.value.username, password = { env = each.value.password_env } }
  }
  expected = each.value.certificate_file == null ? null : { file = each.value.certificate_file }
}

module "fleet" {
  source = "../../modules/status"
  count  = length(var.fleet) == 0 ? 0 : 1

  executable = var.executable
  endpoints  = var.fleet
  trust      = var.fleet_ca_file == null ? [] : [{ file = var.fleet_ca_file }]
}
