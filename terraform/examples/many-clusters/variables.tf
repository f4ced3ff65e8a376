# SPDX-License-Identifier: Apache-2.0

variable "executable" {
  description = "The program nsxcert: a path, or a name on PATH."
  type        = string
  default     = "nsxcert"
}

variable "clusters" {
  description = "The clusters by name: address, nodes, and where wanted a login and the expected certificate."
  type = map(object({
    address          = string
    nodes            = optional(list(string))
    username         = optional(string, "audit")
    password_env     = optional(string)
    certificate_file = optional(string)
  }))
  default = {}
}

variable "fleet" {
  description = "Endpoints that should all serve one certificate: managers, load balancers, sites with a wildcard. One data source looks at them."
  type        = list(object({ address = string, server_name = optional(string) }))
  default     = []
}

variable "fleet_ca_file" {
  description = "CA certificates that the fleet's certificate must end in. Null: its own root."
  type        = string
  default     = null
}

variable "fleet_certificate_file" {
  description = "The certificate that the fleet should serve. Null: what its first endpoint serves."
  type        = string
  default     = null
}
