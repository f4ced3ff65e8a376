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
  description = "Address and status of each endpoint of the fleet, in its order."
  value       = [for endpoint in try(module.fleet[0].result.result.endpoints, []) : { address = endpoint.address, status = endpoint.status }]
}
