# SPDX-License-Identifier: Apache-2.0
# What the module asks. No program is run (Terraform 1.7 or OpenTofu 1.8).

mock_provider "external" {
  mock_data "external" {
    defaults = {
      result = {
        status             = "in_sync"
        changed            = "false"
        renewal_due        = ""
        certificate_id     = ""
        display_name       = ""
        fingerprint_sha256 = ""
        not_after          = ""
        certificate_pem    = ""
        warnings           = ""
        reason             = ""
        result_json        = "{}"
      }
    }
  }
}

run "the_least" {
  command = plan

  variables {
    manager = { address = "192.0.2.10" }
  }

  assert {
    condition     = data.external.status.program == tolist(["nsxcert", "--terraform"]) && length(data.external.status.query) == 1
    error_message = "the program"
  }

  assert {
    condition = jsondecode(data.external.status.query.request) == {
      api_version      = "nsxcert/v1"
      operation        = "verify"
      deadline_seconds = 60
      manager          = { address = "192.0.2.10" }
      parameters       = { scope = "all", require_node_names = false, on_drift = "report" }
    }
    error_message = "defaults and nothing else: ${data.external.status.query.request}"
  }
}

run "sources_and_secrets_by_name" {
  command = plan

  variables {
    manager = {
      address = "nsx.example.com:8443"
      nodes   = ["192.0.2.11", "192.0.2.12"]
      auth    = { username = "audit", password = { env = "NSXT_PASSWORD" } }
      tls     = { ca = [{ file = "ca.pem", pem = "" }, { pem = "PEM" }] }
      proxy   = { url = "http://proxy.example.com:3128", username = "svc", password = { file = "secret" } }
    }
    expected = { file = "nsx.crt" }
  }

  assert {
    condition = jsondecode(data.external.status.query.request).manager == {
      address = "nsx.example.com:8443"
      nodes   = ["192.0.2.11", "192.0.2.12"]
      auth    = { username = "audit", password = { env = "NSXT_PASSWORD" } }
      tls     = { ca = [{ file = "ca.pem" }, "PEM"] }
      proxy   = { url = "http://proxy.example.com:3128", username = "svc", password = { file = "secret" } }
    }
    error_message = data.external.status.query.request
  }

  assert {
    condition     = jsondecode(data.external.status.query.request).parameters.expected == { file = "nsx.crt" }
    error_message = data.external.status.query.request
  }
}

run "endpoints_need_no_manager" {
  command = plan

  variables {
    endpoints = [{ address = "nsx.example.com" }, { address = "192.0.2.20", server_name = "nsx-2.example.com" }]
    expected  = { pem = "PEM" }
  }

  assert {
    condition = jsondecode(data.external.status.query.request).parameters == {
      endpoints          = [{ address = "nsx.example.com" }, { address = "192.0.2.20", server_name = "nsx-2.example.com" }]
      expected           = "PEM"
      scope              = "all"
      require_node_names = false
      on_drift           = "report"
    }
    error_message = data.external.status.query.request
  }
}

run "nothing_to_look_at_is_refused" {
  command = plan

  expect_failures = [data.external.status]
}
