# SPDX-License-Identifier: Apache-2.0
# One look at the cluster, at every plan: a verify request to `nsxcert --terraform`, which writes nothing.

locals {
  # A source is its text, or an object with the one member that is set. An empty text is as good as none.
  ca_sources = [for source in try(coalesce(var.manager.tls.ca), []) :
    try(coalesce(source.pem), { for name, value in source : name => value if value != null && value != "" })
  ]
  trust = [for source in var.trust :
    try(coalesce(source.pem), { for name, value in source : name => value if value != null && value != "" })
  ]

  auth = {
    username = try(var.manager.auth.username, null)
    password = try({ for name, value in var.manager.auth.password : name => value if value != null && value != "" }, null)
    scheme   = try(var.manager.auth.scheme, null)
    client_certificate = try(coalesce(var.manager.auth.client_certificate.pem),
    { for name, value in var.manager.auth.client_certificate : name => value if value != null && value != "" }, null)
    client_key = try({ for name, value in var.manager.auth.client_key : name => value if value != null && value != "" }, null)
    token      = try({ for name, value in var.manager.auth.token : name => value if value != null && value != "" }, null)
  }

  tls = {
    ca         = length(local.ca_sources) == 0 ? null : local.ca_sources
    pin_sha256 = try(var.manager.tls.pin_sha256, null)
    system     = try(var.manager.tls.system, null)
    insecure   = try(var.manager.tls.insecure, null)
  }

  proxy = {
    url      = try(var.manager.proxy.url, null)
    username = try(var.manager.proxy.username, null)
    password = try({ for name, value in var.manager.proxy.password : name => value if value != null && value != "" }, null)
  }

  manager = {
    address                 = try(var.manager.address, null)
    server_name             = try(var.manager.server_name, null)
    nodes                   = try(var.manager.nodes, null)
    auth                    = try(var.manager.auth, null) == null ? null : { for name, value in local.auth : name => value if value != null }
    tls                     = try(var.manager.tls, null) == null ? null : { for name, value in local.tls : name => value if value != null }
    proxy                   = try(var.manager.proxy, null) == null ? null : { for name, value in local.proxy : name => value if value != null }
    connect_timeout_seconds = try(var.manager.connect_timeout_seconds, null)
    request_timeout_seconds = try(var.manager.request_timeout_seconds, null)
  }

  expected = {
    file               = try(var.expected.file, null)
    env                = try(var.expected.env, null)
    certificate_id     = try(var.expected.certificate_id, null)
    fingerprint_sha256 = try(var.expected.fingerprint_sha256, null)
    endpoint           = try({ for name, value in var.expected.endpoint : name => value if value != null }, null)
  }

  parameters = {
    expected               = var.expected == null ? null : try(coalesce(var.expected.pem), { for name, value in local.expected : name => value if value != null && try(value != "", true) })
    trust                  = length(local.trust) == 0 ? null : local.trust
    scope                  = var.scope
    endpoints              = length(var.endpoints) == 0 ? null : [for endpoint in var.endpoints : { for name, value in endpoint : name => value if value != null }]
    require_node_names     = var.require_node_names
    min_remaining_days     = var.min_remaining_days
    common_name_is_address = var.common_name_is_address
    reported               = length(var.reported) == 0 ? null : var.reported
    on_drift               = "report"
  }

  request = {
    api_version      = "nsxcert/v1"
    operation        = "verify"
    request_id       = var.request_id
    deadline_seconds = var.deadline_seconds
    manager          = var.manager == null ? null : { for name, value in local.manager : name => value if value != null }
    parameters       = { for name, value in local.parameters : name => value if value != null }
  }
}

data "external" "status" {
  program     = [var.executable, "--terraform"]
  working_dir = var.working_dir
  query       = { request = jsonencode({ for name, value in local.request : name => value if value != null }) }

  lifecycle {
    precondition {
      condition     = var.manager != null || length(var.endpoints) > 0
      error_message = "Give manager or endpoints: there is nothing to look at."
    }
  }
}
