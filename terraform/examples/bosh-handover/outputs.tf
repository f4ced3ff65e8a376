# SPDX-License-Identifier: Apache-2.0
# Handed over only if it is what the cluster serves: without a certificate these consumers would not verify at all.

output "director" {
  description = "For `om configure-director`: members of an entry of iaas-configurations."
  value       = { nsx_address = var.address, nsx_ca_certificate = local.ca_cert }

  precondition {
    condition     = module.status.status == "in_sync"
    error_message = "The cluster does not serve ${var.certificate_file}, or could not be looked at; nothing is handed over."
  }
}

output "vsphere_cpi" {
  description = "For the BOSH vSphere CPI: properties of vcenter.nsxt."
  value       = { host = var.address, ca_cert = local.ca_cert }

  precondition {
    condition     = module.status.status == "in_sync"
    error_message = "The cluster does not serve ${var.certificate_file}, or could not be looked at; nothing is handed over."
  }
}

output "tkgi_tile" {
  description = "For `om configure-product` of TKGI (pivotal-container-service): product-properties."
  value = {
    ".properties.network_selector.nsx.nsx-t-host"     = { value = var.address }
    ".properties.network_selector.nsx.nsx-t-ca-cert"  = { value = local.ca_cert }
    ".properties.network_selector.nsx.nsx-t-insecure" = { value = false }
  }

  precondition {
    condition     = module.status.status == "in_sync"
    error_message = "The cluster does not serve ${var.certificate_file}, or could not be looked at; nothing is handed over."
  }
}
