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
  description = "The managers behind it. Null: they are not looked at."
  type        = list(string)
  default     = null
}

variable "certificate_file" {
  description = "The certificate that was registered."
  type        = string
}
