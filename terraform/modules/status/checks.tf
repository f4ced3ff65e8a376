# SPDX-License-Identifier: Apache-2.0
# What a plan should not pass over. A check only warns: the plan goes on and ends with 0.

locals {
  answer      = data.external.status.result
  result      = jsondecode(local.answer.result_json)
  renewal_due = local.answer.renewal_due == "" ? null : tobool(local.answer.renewal_due)
  subject     = try(var.manager.address, null) == null ? "the endpoints" : var.manager.address

  hint = local.answer.reason == "" ? "" : ": ${local.answer.reason} (`nsxcert --explain ${local.answer.reason}` tells more)"

  # What each endpoint that is not in_sync has to say, at most ten of them.
  offenders = [for endpoint in try(local.result.result.endpoints, []) : endpoint if endpoint.status != "in_sync"]
  complaints = concat(
    [for endpoint in slice(local.offenders, 0, min(10, length(local.offenders))) : join(" ", compact([
      "  ${endpoint.address}",
      try("serves ${endpoint.presented.leaf.subject}, SHA-256 ${endpoint.presented.leaf.fingerprint_sha256}:", ""),
      try(coalesce(endpoint.reason), "does not hold: ${join(", ", [for name, holds in endpoint.checks : name if holds == false])}"),
    ]))],
    length(local.offenders) > 10 ? ["  and ${length(local.offenders) - 10} more"] : [],
    try(local.result.result.api.status, null) == "drifted" ? ["  What the manager's API says it uses is not what is served."] : [],
  )
}

check "drift" {
  assert {
    condition     = local.answer.status != "drifted"
    error_message = "When it was looked at, the certificate of ${local.subject} was not as expected:\n${join("\n", local.complaints)}"
  }
}

check "unknown" {
  assert {
    condition     = local.answer.status != "unknown"
    error_message = "The certificate of ${local.subject} could not be looked at${local.hint}.\n${join("\n", local.complaints)}"
  }
}

check "expiry" {
  assert {
    condition     = local.answer.not_after == "" ? true : timecmp(local.answer.not_after, timeadd(plantimestamp(), "${24 * var.warn_before_days}h")) > 0
    error_message = "The certificate of ${local.subject} ends at ${local.answer.not_after}, in less than ${var.warn_before_days} days."
  }

  assert {
    condition     = local.renewal_due != true
    error_message = "The certificate of ${local.subject} is due for renewal: it ends at ${local.answer.not_after}."
  }
}
