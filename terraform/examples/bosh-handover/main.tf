# SPDX-License-Identifier: Apache-2.0
# The cluster's certificate for those who must trust it, by the names their configurations use.

module "status" {
  source = "../../modules/status"

  executable = var.executable
  manager    = { address = var.address, nodes = var.nodes }
  expected   = { file = var.certificate_file }
}

locals {
  ca_cert = module.status.certificate_pem
}
