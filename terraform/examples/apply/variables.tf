# SPDX-License-Identifier: Apache-2.0
# The values of three requests. What a request would refuse is refused here, so that no apply breaks off for it.

variable "executable" {
  description = "The program nsxcert: a path, or a name on PATH."
  type        = string
  default     = "nsxcert"
  nullable    = false

  validation {
    condition     = length(var.executable) > 0
    error_message = "The executable is a path or a name, not empty."
  }
}

variable "address" {
  description = "The cluster's virtual IP or its name, with :PORT if it is not 443."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^ /?#@]{1,261}$", var.address))
    error_message = "The address is HOST or HOST:PORT: no scheme, no path, no user name."
  }
}

variable "nodes" {
  description = "The managers behind it. Empty: the cluster is asked."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      length(var.nodes) <= 16,
      length(distinct(var.nodes)) == length(var.nodes),
      alltrue([for node in var.nodes : can(regex("^[^ /?#@]{1,261}$", node))]),
    ])
    error_message = "The nodes are at most 16 different addresses, HOST or HOST:PORT."
  }
}

variable "common_name" {
  description = "Common name of the certificate: what clients use as the address of the cluster."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9A-Za-z._:*-]{1,64}$", var.common_name))
    error_message = "The common_name is a name or an IP address of at most 64 characters."
  }
}

variable "dns_names" {
  description = "Names in the SAN."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = length(var.dns_names) <= 1000 && alltrue([for name in var.dns_names : alltrue([
      length(name) <= 254,
      can(regex("^([*][.])?[0-9A-Za-z_-]+([.][0-9A-Za-z_-]+)*[.]?$", name)),
    ])])
    error_message = "The dns_names are at most 1000 names as in DNS, each of at most 254 characters; the first label may be *."
  }
}

variable "ip_addresses" {
  description = "IP addresses in the SAN: the virtual IP and every manager's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.ip_addresses) <= 1000 && alltrue([for address in var.ip_addresses : can(regex("^[0-9A-Fa-f.:]{2,45}$", address))])
    error_message = "The ip_addresses are at most 1000 IPv4 or IPv6 addresses, without brackets and port."
  }
}

variable "username" {
  description = "Who logs in."
  type        = string
  default     = "admin"
  nullable    = false

  validation {
    condition     = length(var.username) >= 1 && length(var.username) <= 256
    error_message = "The username has 1 to 256 characters."
  }
}

variable "password_env" {
  description = "Name of the environment variable that holds the password. The password itself never comes here."
  type        = string
  default     = "NSXT_PASSWORD"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][0-9A-Za-z_]{0,255}$", var.password_env))
    error_message = "The password_env is the name of an environment variable."
  }
}

variable "pin_sha256" {
  description = "Fingerprints of the factory certificates, as get certificate api thumbprint prints them on each manager. They may stay for ever."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = length(var.pin_sha256) <= 64 && alltrue([
      for pin in var.pin_sha256 : can(regex("^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$", pin))
    ])
    error_message = "The pin_sha256 are at most 64 fingerprints of 64 hexadecimal digits, colons allowed."
  }
}

variable "ca_file" {
  description = "File with the CA certificates that vouch for the managers. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.ca_file == null ? true : length(var.ca_file) >= 1 && length(var.ca_file) <= 4096
    error_message = "The ca_file is a path of 1 to 4096 characters."
  }
}

variable "folder" {
  description = "Existing folder for certificate and key, nsx.crt and nsx.key; an apply does not make it. The key is readable for its owner alone."
  type        = string
  default     = "."
  nullable    = false

  validation {
    condition     = length(var.folder) >= 1 && length(var.folder) <= 4088
    error_message = "The folder is a path of 1 to 4088 characters."
  }
}

variable "validity_days" {
  description = "Days the certificate is valid; it is renewed in the last third."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.validity_days >= 1 && var.validity_days <= 7300 && floor(var.validity_days) == var.validity_days
    error_message = "The validity_days is a whole number from 1 to 7300."
  }
}

variable "scope" {
  description = "Who gets the certificate: cluster (the virtual IP), nodes or all."
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["cluster", "nodes", "all"], var.scope)
    error_message = "The scope is cluster, nodes or all."
  }
}

variable "confirm_after_seconds" {
  description = "Seconds between the first and the second proof that every endpoint serves it."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.confirm_after_seconds >= 0 && var.confirm_after_seconds <= 600 && floor(var.confirm_after_seconds) == var.confirm_after_seconds
    error_message = "The confirm_after_seconds is a whole number from 0 to 600."
  }
}

variable "deadline_seconds" {
  description = "Seconds a look at the cluster may take in a plan."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.deadline_seconds >= 1 && var.deadline_seconds <= 86400 && floor(var.deadline_seconds) == var.deadline_seconds
    error_message = "The deadline_seconds is a whole number from 1 to 86400."
  }
}
