# SPDX-License-Identifier: Apache-2.0

output "status" {
  description = "in_sync, drifted or unknown, by cluster."
  value       = { for name, cluster in module.status : name => cluster.status }
}

output "not_after" {
  description = "The end of each cluster's certificate."
  value       = { for name, cluster in module.status : name => cluster.not_after }
}

output "fleet" {
  description = "Status by endpoint of the fleet."
  value       = { for endpoint in try(module.fleet[0].result.result.endpoints, []) : endpoint.address => endpoint.status }
}
