# SPDX-License-Identifier: Apache-2.0

output "status" {
  description = "Whether the registered certificate is what is served: in_sync, drifted or unknown."
  value       = module.cluster.status
}

output "fingerprint_sha256" {
  description = "SHA-256 of the registered certificate's DER."
  value       = module.cluster.fingerprint_sha256
}

output "not_after" {
  description = "The end of its validity."
  value       = module.cluster.not_after
}
