# SPDX-License-Identifier: Apache-2.0

output "status" {
  description = "Whether the registered certificate is what is served: in_sync, drifted or unknown."
  value       = local.status
}

output "certificate_pem" {
  description = "The certificate that is registered, for BOSH, TKGI and whoever else must trust the cluster."
  value       = one(data.external.certificate[*].result.certificate_pem)
}

output "fingerprint_sha256" {
  description = "SHA-256 of its DER."
  value       = one(data.external.certificate[*].result.fingerprint_sha256)
}

output "not_after" {
  description = "The end of its validity, RFC 3339 in UTC."
  value       = one(data.external.certificate[*].result.not_after)
}
