# SPDX-License-Identifier: Apache-2.0
# Puts a certificate on the cluster, and renews it when it is due. A plan looks, an apply acts.

locals {
  certificate_path = "${var.folder}/nsx.crt"
  key_path         = "${var.folder}/nsx.key"

  tls = {
    pin_sha256 = length(var.pin_sha256) == 0 ? null : var.pin_sha256
    ca         = var.ca_file == null ? null : [{ file = var.ca_file }]
  }
  manager = { for name, value in {
    address = var.address
    nodes   = length(var.nodes) == 0 ? null : var.nodes
    auth    = { username = var.username, password = { env = var.password_env } }
    tls     = length(var.pin_sha256) == 0 && var.ca_file == null ? null : { for name, value in local.tls : name => value if value != null }
  } : name => value if value != null }

  generate = {
    api_version = "nsxcert/v1"
    operation   = "generate"
    parameters = {
      common_name      = var.common_name
      san              = { dns = var.dns_names, ip = var.ip_addresses }
      validity_days    = var.validity_days
      certificate_path = local.certificate_path
      key_path         = local.key_path
    }
  }
  import = {
    api_version = "nsxcert/v1"
    operation   = "import"
    manager     = local.manager
    parameters  = { certificate = { file = local.certificate_path }, private_key = { file = local.key_path } }
  }
  register = {
    api_version = "nsxcert/v1"
    operation   = "register"
    manager     = local.manager
    parameters = {
      certificate           = { file = local.certificate_path }
      scope                 = var.scope
      confirm_after_seconds = var.confirm_after_seconds
    }
  }
}

locals {
  # fileexists fails on what is there and is no file. Without the folder there is nothing to ask, and plan and destroy go on.
  folder_is_there = try(fileexists(var.folder), true)
}

check "folder" {
  assert {
    condition     = local.folder_is_there
    error_message = "The folder ${var.folder} is not there, so neither is the certificate. Mount the one that holds it, or make a new one; until then an apply fails and changes nothing on the cluster."
  }
}

# Would generate do anything? A dry run: it writes nothing.
data "external" "pair" {
  count = local.folder_is_there ? 1 : 0

  program = [var.executable, "--terraform"]
  query   = { request = jsonencode(merge(local.generate, { dry_run = true })) }
}

locals {
  pair_status = one(data.external.pair[*].result.status)
  differences = flatten([for pair in data.external.pair : jsondecode(pair.result.result_json).diff])
  # What is in nsx.crt before this apply; null if there is none.
  present = one([for difference in local.differences : difference.before if difference.what == "certificate"])
  has_one = local.pair_status == "in_sync" || local.present != null
}

module "status" {
  source = "../../modules/status"

  executable       = var.executable
  manager          = local.manager
  expected         = local.has_one ? { file = local.certificate_path } : null
  scope            = var.scope
  deadline_seconds = var.deadline_seconds
  warn_before_days = 0 # what is due is renewed here, and of that it warns anyway
}

locals {
  needed = !local.folder_is_there || local.pair_status == "drifted" || module.status.status == "drifted"
}

# Replaced when there is something to do, and when a request changes. `state` is "done" after every apply; when something
# is to be done it is not known before the apply, and that replaces it. So the plan after it is empty.
resource "terraform_data" "certificate" {
  triggers_replace = {
    requests = sha256(jsonencode([local.generate, local.import, local.register]))
    state    = local.needed ? (timestamp() == "" ? "never" : "done") : "done"
  }

  provisioner "local-exec" {
    interpreter = [var.executable, "--format", "text", "--request-env"]
    command     = "NSXCERT_REQUEST"
    environment = { NSXCERT_REQUEST = jsonencode(local.generate) }
  }

  provisioner "local-exec" {
    interpreter = [var.executable, "--format", "text", "--request-env"]
    command     = "NSXCERT_REQUEST"
    environment = { NSXCERT_REQUEST = jsonencode(local.import) }
  }

  provisioner "local-exec" {
    interpreter = [var.executable, "--format", "text", "--request-env"]
    command     = "NSXCERT_REQUEST"
    environment = { NSXCERT_REQUEST = jsonencode(local.register) }
  }
}

# The same question after the apply: what the files hold now.
data "external" "certificate" {
  count = local.folder_is_there ? 1 : 0

  program = data.external.pair[0].program
  query   = data.external.pair[0].query

  depends_on = [terraform_data.certificate]
}

locals {
  # As the first look found them, where nobody names them.
  nodes = length(var.nodes) > 0 ? var.nodes : [for endpoint in try(module.status.result.result.endpoints, []) : endpoint.address if endpoint.role == "node"]
  proof = { for name, value in merge(local.manager, { auth = null, nodes = length(local.nodes) == 0 ? null : local.nodes }) : name => value if value != null }
}

# What is served after the apply. By the wire alone, so that a wrong password is tried once in a plan, not twice.
data "external" "proof" {
  program = [var.executable, "--terraform"]
  query = { request = jsonencode({
    api_version      = "nsxcert/v1"
    operation        = "verify"
    deadline_seconds = var.deadline_seconds
    manager          = local.proof
    parameters       = { expected = { file = local.certificate_path }, scope = var.scope }
  }) }

  depends_on = [terraform_data.certificate]
}

locals {
  # Where the managers could not be asked for, the virtual IP alone proves nothing.
  status = data.external.proof.result.status == "in_sync" && contains(module.status.warnings, "nodes-not-checked") ? "unknown" : data.external.proof.result.status
}
