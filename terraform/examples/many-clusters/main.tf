# SPDX-License-Identifier: Apache-2.0
# Watches some clusters, one data source each; and many endpoints that share a certificate, by one data source.

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
  expected   = var.fleet_certificate_file == null ? null : { file = var.fleet_certificate_file }
  trust      = var.fleet_ca_file == null ? [] : [{ file = var.fleet_ca_file }]
}
