# SPDX-License-Identifier: Apache-2.0

variable "executable" {
  description = "The program nsxcert."
  type        = string
}

variable "address" {
  description = "The simulated cluster's virtual IP with its port."
  type        = string
}

variable "nodes" {
  description = "The simulated managers."
  type        = list(string)
}

variable "common_name" {
  description = "The virtual IP."
  type        = string
}

variable "ip_addresses" {
  description = "The virtual IP and the managers' addresses."
  type        = list(string)
}

variable "pin_sha256" {
  description = "Fingerprints of the factory certificates."
  type        = list(string)
}

variable "folder" {
  description = "Where certificate and key are kept."
  type        = string
}
