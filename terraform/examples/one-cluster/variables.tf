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
  description = "The managers behind it. Null: with a password the cluster is asked, else they are not looked at."
  type        = list(string)
  default     = null
}

variable "username" {
  description = "Who logs in. A user with the role Auditor is enough."
  type        = string
  default     = "audit"
}

variable "password_env" {
  description = "Name of the environment variable with the password. Null: no login, the wire alone decides."
  type        = string
  default     = null
}

variable "certificate_file" {
  description = "The certificate that should be served. Null: that all serve the same, sound one."
  type        = string
  default     = null
}
