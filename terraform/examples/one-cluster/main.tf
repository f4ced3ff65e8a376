# SPDX-License-Identifier: Apache-2.0
# Watches one cluster: every plan tells whether it serves the certificate of a file. Nothing is changed.

module "status" {
  source = "../../modules/status"

  executable = var.executable
  manager = {
    address = var.address
    nodes   = var.nodes
    auth    = var.password_env == null ? null : { username = var.username, password = { env = var.password_env } }
  }
  expected = var.certificate_file == null ? null : { file = var.certificate_file }
}
