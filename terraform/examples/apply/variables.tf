# SPDX-License-Identifier: Apache-2.0

variable "executable" {
  description = "The program nsxcert: a path, or a name on PATH."
  type        = string
  default     = "nsxcert"
}

variable "address" {
  description = "The cluster's virtual IP or its name, with :PORT if it is not 443."
  type        = string
}

variable "nodes" {
  description = "The managers behind it. Empty: the cluster is asked."
  type        = list(string)
  default     = []
}

variable "common_name" {
  description = "Common name of the certificate: what clients use as the address of the cluster."
  type        = string
}

variable "dns_names" {
  description = "Names in the SAN."
  type        = list(string)
  default     = []
}

variable "ip_addresses" {
  description = "IP addresses in the SAN: the virtual IP and every manager's."
  type        = list(string)
  default     = []
}

variable "username" {
  description = "Who logs in."
  type        = string
  default     = "admin"
}

variable "password_env" {
  description = "Name of the environment variable that holds the password. The password itself never comes here."
  type        = string
  default     = "NSXT_PASSWORD"
}

variable "pin_sha256" {
  description = "Fingerprints of the factory certificates, as get certificate api thumbprint prints them on each manager. They may stay for ever."
  type        = list(string)
  default     = []
}

variable "ca_file" {
  description = "File with the CA certificates that vouch for the managers. Null: none."
  type        = string
  default     = null
}

variable "folder" {
  description = "Existing folder for certificate and key, nsx.crt and nsx.key; an apply does not make it. The key is readable for its owner alone."
  type        = string
  default     = "."
}

variable "validity_days" {
  description = "Days the certificate is valid; it is renewed in the last third."
  type        = number
  default     = 365
}

variable "scope" {
  description = "Who gets the certificate: cluster (the virtual IP), nodes or all."
  type        = string
  default     = "all"

  validation {
    condition     = contains(["cluster", "nodes", "all"], var.scope)
    error_message = "The scope is cluster, nodes or all."
  }
}

variable "confirm_after_seconds" {
  description = "Seconds between the first and the second proof that every endpoint serves it."
  type        = number
  default     = 5
}

variable "deadline_seconds" {
  description = "Seconds a look at the cluster may take in a plan."
  type        = number
  default     = 60
}
