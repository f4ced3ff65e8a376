# SPDX-License-Identifier: Apache-2.0
# What the module makes of an answer: outputs and warnings. No program is run (Terraform 1.7 or OpenTofu 1.8).

mock_provider "external" {
  mock_data "external" {
    defaults = {
      result = {
        status             = "in_sync"
        changed            = "false"
        renewal_due        = "false"
        certificate_id     = "5f1c8d0e-2b7a-4c0e-9a55-0f6a3d1e7b42"
        display_name       = "nsx"
        fingerprint_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        not_after          = "2999-01-01T00:00:00Z"
        certificate_pem    = "-----BEGIN CERTIFICATE-----\n"
        warnings           = "insecure-tls,nodes-not-checked"
        reason             = ""
        result_json        = "{\"result\":{\"status\":\"in_sync\",\"endpoints\":[]}}"
      }
    }
  }
}

variables {
  manager = { address = "192.0.2.10" }
}

run "in_sync_passes_without_a_warning" {
  command = plan

  assert {
    condition     = output.status == "in_sync" && output.reason == null && output.renewal_due == false
    error_message = "in_sync"
  }

  assert {
    condition     = output.certificate_id == "5f1c8d0e-2b7a-4c0e-9a55-0f6a3d1e7b42" && output.display_name == "nsx"
    error_message = "id and name"
  }

  assert {
    condition     = output.not_after == "2999-01-01T00:00:00Z" && startswith(output.certificate_pem, "-----BEGIN")
    error_message = "end and PEM"
  }

  assert {
    condition     = output.warnings == tolist(["insecure-tls", "nodes-not-checked"]) && output.result.result.status == "in_sync"
    error_message = "warnings and the whole result"
  }
}

run "drifted_warns" {
  command = plan

  override_data {
    target = data.external.status
    values = {
      result = {
        status             = "drifted"
        changed            = "false"
        renewal_due        = "false"
        certificate_id     = ""
        display_name       = ""
        fingerprint_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        not_after          = "2999-01-01T00:00:00Z"
        certificate_pem    = ""
        warnings           = ""
        reason             = ""
        result_json        = "{\"result\":{\"api\":{\"status\":\"drifted\"},\"endpoints\":[{\"address\":\"192.0.2.10\",\"status\":\"drifted\",\"reason\":null,\"checks\":{\"name\":false},\"presented\":{\"leaf\":{\"subject\":\"CN=a\",\"fingerprint_sha256\":\"00\"}}}]}}"
      }
    }
  }

  expect_failures = [check.drift]

  assert {
    condition     = output.status == "drifted" && output.certificate_id == null && length(output.warnings) == 0
    error_message = "empty texts become null"
  }
}

run "unknown_warns_and_nothing_else_does" {
  command = plan

  override_data {
    target = data.external.status
    values = {
      result = {
        status             = "unknown"
        changed            = "false"
        renewal_due        = ""
        certificate_id     = ""
        display_name       = ""
        fingerprint_sha256 = ""
        not_after          = ""
        certificate_pem    = ""
        warnings           = "api-not-read"
        reason             = "unreachable"
        result_json        = "{\"result\":{\"endpoints\":[{\"address\":\"192.0.2.10\",\"status\":\"unknown\",\"reason\":\"the connection was refused\",\"checks\":null,\"presented\":null}]}}"
      }
    }
  }

  expect_failures = [check.unknown]

  assert {
    condition     = output.status == "unknown" && output.reason == "unreachable" && output.renewal_due == null && output.not_after == null
    error_message = "what is not known is null"
  }
}

run "near_its_end_warns" {
  command = plan

  variables {
    warn_before_days = 36500
  }

  override_data {
    target = data.external.status
    values = {
      result = {
        status             = "in_sync"
        changed            = "false"
        renewal_due        = "false"
        certificate_id     = ""
        display_name       = ""
        fingerprint_sha256 = ""
        not_after          = "2099-01-01T00:00:00Z"
        certificate_pem    = ""
        warnings           = ""
        reason             = ""
        result_json        = "{}"
      }
    }
  }

  expect_failures = [check.expiry]
}

run "due_warns" {
  command = plan

  override_data {
    target = data.external.status
    values = {
      result = {
        status             = "in_sync"
        changed            = "false"
        renewal_due        = "true"
        certificate_id     = ""
        display_name       = ""
        fingerprint_sha256 = ""
        not_after          = "2999-01-01T00:00:00Z"
        certificate_pem    = ""
        warnings           = "renewal-due"
        reason             = ""
        result_json        = "{}"
      }
    }
  }

  expect_failures = [check.expiry]

  assert {
    condition     = output.renewal_due == true
    error_message = "renewal_due"
  }
}
