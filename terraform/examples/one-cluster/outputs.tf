# SPDX-License-Identifier: Apache-2.0

output "status" {
  description = "in_sync, drifted or unknown."
  value       = module.status.status
}

output "reason" {
  description = "Why it is unknown; null otherwise."
  value       = module.status.reason
}

output "not_after" {
  description = "The end of the certificate's validity."
  value       = module.status.not_after
}
