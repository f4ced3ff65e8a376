# SPDX-License-Identifier: Apache-2.0

output "status" {
  description = "in_sync: all was looked at and holds; drifted: something does not hold; unknown: something could not be looked at."
  value       = local.answer.status
}

output "reason" {
  description = "The code of what prevented looking; null otherwise. `nsxcert --explain CODE` tells more."
  value       = local.answer.reason == "" ? null : local.answer.reason
}

output "renewal_due" {
  description = "Whether the last third of the certificate's validity has begun; null where unknown."
  value       = local.renewal_due
}

output "certificate_id" {
  description = "Its id in the manager's trust store; null where unknown."
  value       = local.answer.certificate_id == "" ? null : local.answer.certificate_id
}

output "display_name" {
  description = "Its name in the manager's trust store; null where unknown."
  value       = local.answer.display_name == "" ? null : local.answer.display_name
}

output "fingerprint_sha256" {
  description = "SHA-256 of the certificate's DER; null where unknown."
  value       = local.answer.fingerprint_sha256 == "" ? null : local.answer.fingerprint_sha256
}

output "not_after" {
  description = "The end of its validity, RFC 3339 in UTC; null where unknown."
  value       = local.answer.not_after == "" ? null : local.answer.not_after
}

output "certificate_pem" {
  description = "The certificate and its chain as PEM; null where unknown."
  value       = local.answer.certificate_pem == "" ? null : local.answer.certificate_pem
}

output "warnings" {
  description = "Codes of what is worth a look, sorted."
  value       = compact(split(",", local.answer.warnings))
}

output "result" {
  description = "The whole result, endpoint by endpoint, as docs/operations.md describes it; without `meta` and times taken."
  value       = local.result
}
