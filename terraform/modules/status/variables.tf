# SPDX-License-Identifier: Apache-2.0
# The members of a verify request, by the same names. A null member is left out of the request.

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

variable "working_dir" {
  description = "Folder that the paths of the request start from. Null: where Terraform runs."
  type        = string
  default     = null
}

variable "request_id" {
  description = "Your own mark, echoed in the result. It has no effect."
  type        = string
  default     = null

  validation {
    condition     = var.request_id == null ? true : length(var.request_id) >= 1 && length(var.request_id) <= 256
    error_message = "The request_id has 1 to 256 characters."
  }
}

variable "deadline_seconds" {
  description = "Seconds a look may take; what was not looked at by then is unknown."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.deadline_seconds >= 1 && var.deadline_seconds <= 86400 && floor(var.deadline_seconds) == var.deadline_seconds
    error_message = "The deadline_seconds is a whole number from 1 to 86400."
  }
}

variable "manager" {
  description = "The cluster to look at: address, how to log in, how to know it. Needed unless endpoints are given. Without auth the wire alone decides. Secrets are names of environment variables or files."
  type = object({
    address     = string
    server_name = optional(string)
    nodes       = optional(list(string))
    auth = optional(object({
      username           = optional(string)
      password           = optional(object({ env = optional(string), file = optional(string) }))
      scheme             = optional(string)
      client_certificate = optional(object({ pem = optional(string), env = optional(string), file = optional(string) }))
      client_key         = optional(object({ env = optional(string), file = optional(string) }))
      token              = optional(object({ env = optional(string), file = optional(string) }))
    }))
    tls = optional(object({
      ca         = optional(list(object({ pem = optional(string), env = optional(string), file = optional(string) })))
      pin_sha256 = optional(list(string))
      system     = optional(bool)
      insecure   = optional(bool)
    }))
    proxy = optional(object({
      url      = string
      username = optional(string)
      password = optional(object({ env = optional(string), file = optional(string) }))
    }))
    connect_timeout_seconds = optional(number)
    request_timeout_seconds = optional(number)
  })
  default = null

  validation {
    condition     = var.manager == null ? true : can(regex("^[^ /?#@]{1,261}$", var.manager.address))
    error_message = "The manager.address is HOST or HOST:PORT: no scheme, no path, no user name."
  }

  validation {
    condition     = try(var.manager.server_name, null) == null ? true : can(regex("^[0-9A-Za-z._:-]{1,253}$", var.manager.server_name))
    error_message = "The manager.server_name is a name or an IP address, without port."
  }

  validation {
    condition = try(var.manager.nodes, null) == null ? true : alltrue([
      length(var.manager.nodes) >= 1,
      length(var.manager.nodes) <= 16,
      length(distinct(var.manager.nodes)) == length(var.manager.nodes),
      alltrue([for node in var.manager.nodes : can(regex("^[^ /?#@]{1,261}$", node))]),
    ])
    error_message = "The manager.nodes are 1 to 16 different addresses, HOST or HOST:PORT; null: the cluster is asked."
  }

  validation {
    condition = try(var.manager.auth, null) == null ? true : contains(["password,username", "client_certificate,client_key", "token"],
    join(",", sort([for name, value in var.manager.auth : name if value != null && name != "scheme"])))
    error_message = "The manager.auth has exactly one of username and password, client_certificate and client_key, token."
  }

  validation {
    condition     = try(var.manager.auth.username, null) == null ? true : length(var.manager.auth.username) >= 1 && length(var.manager.auth.username) <= 256
    error_message = "The manager.auth.username has 1 to 256 characters."
  }

  validation {
    condition = try(var.manager.auth.scheme, null) == null ? true : alltrue([
      contains(["basic", "session", "remote"], var.manager.auth.scheme), var.manager.auth.username != null
    ])
    error_message = "The manager.auth.scheme is basic, session or remote, and goes with username."
  }

  validation {
    condition = try(var.manager.tls, null) == null ? true : alltrue([
      length([for value in var.manager.tls : true if value != null]) >= 1,
      var.manager.tls.insecure != true || length([for value in var.manager.tls : true if value != null]) == 1,
    ])
    error_message = "The manager.tls names at least one of ca, pin_sha256, system, insecure; and insecure = true stands alone."
  }

  validation {
    condition     = try(var.manager.tls.ca, null) == null ? true : length(var.manager.tls.ca) >= 1 && length(var.manager.tls.ca) <= 64
    error_message = "The manager.tls.ca lists 1 to 64 sources."
  }

  validation {
    condition = try(var.manager.tls.pin_sha256, null) == null ? true : alltrue([
      length(var.manager.tls.pin_sha256) >= 1,
      length(var.manager.tls.pin_sha256) <= 64,
      alltrue([for pin in var.manager.tls.pin_sha256 : can(regex("^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$", pin))]),
    ])
    error_message = "The manager.tls.pin_sha256 lists 1 to 64 fingerprints of 64 hexadecimal digits, colons allowed."
  }

  validation {
    condition     = try(var.manager.proxy, null) == null ? true : length(var.manager.proxy.url) <= 300 && can(regex("^http://[^ /?#@]+/?$", var.manager.proxy.url))
    error_message = "The manager.proxy.url is http://HOST:PORT, without credentials."
  }

  validation {
    condition = try(var.manager.proxy, null) == null ? true : alltrue([
      var.manager.proxy.password == null || var.manager.proxy.username != null,
      var.manager.proxy.username == null ? true : length(var.manager.proxy.username) >= 1 && length(var.manager.proxy.username) <= 256,
    ])
    error_message = "The manager.proxy.username has 1 to 256 characters, and a password goes with it."
  }

  validation {
    condition = alltrue([for limit in [
      { value = try(var.manager.connect_timeout_seconds, null), most = 300 },
      { value = try(var.manager.request_timeout_seconds, null), most = 3600 },
      ] : limit.value == null ? true : limit.value >= 1 && limit.value <= limit.most && floor(limit.value) == limit.value
    ])
    error_message = "The manager.connect_timeout_seconds is from 1 to 300, the request_timeout_seconds from 1 to 3600, both whole numbers."
  }

  validation {
    condition = alltrue([for source in concat([
      try(var.manager.auth.password, null),
      try(var.manager.auth.client_certificate, null),
      try(var.manager.auth.client_key, null),
      try(var.manager.auth.token, null),
      try(var.manager.proxy.password, null),
      ], try([for ca in var.manager.tls.ca : ca], [])) : source == null ? true : alltrue([
      length([for text in source : true if text != null && text != ""]) == 1,
      try(coalesce(source.env), null) == null ? true : can(regex("^[A-Za-z_][0-9A-Za-z_]{0,255}$", source.env)),
      try(source.file, null) == null ? true : length(source.file) <= 4096,
      ])
    ])
    error_message = "Each source in manager names exactly one of env (the name of an environment variable), file (a path) and, where it is no secret, pem."
  }
}

variable "expected" {
  description = "The certificate that every endpoint should serve. Null: what manager.address serves, and all must agree with it."
  type = object({
    pem                = optional(string)
    file               = optional(string)
    env                = optional(string)
    certificate_id     = optional(string)
    fingerprint_sha256 = optional(string)
    endpoint           = optional(object({ address = string, server_name = optional(string) }))
  })
  default = null

  validation {
    condition     = var.expected == null ? true : length([for name, value in var.expected : name if value != null && try(value != "", true)]) == 1
    error_message = "The expected certificate is named by exactly one of pem, file, env, certificate_id, fingerprint_sha256, endpoint."
  }

  validation {
    condition = alltrue([for check in [
      { value = try(coalesce(var.expected.env), null), pattern = "^[A-Za-z_][0-9A-Za-z_]{0,255}$" },
      { value = try(coalesce(var.expected.certificate_id), null), pattern = "^[0-9A-Za-z][0-9A-Za-z._-]{0,254}$" },
      { value = try(coalesce(var.expected.fingerprint_sha256), null), pattern = "^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$" },
      { value = try(var.expected.endpoint.address, null), pattern = "^[^ /?#@]{1,261}$" },
      { value = try(var.expected.endpoint.server_name, null), pattern = "^[0-9A-Za-z._:-]{1,253}$" },
    ] : check.value == null ? true : can(regex(check.pattern, check.value))]) && length(try(coalesce(var.expected.file), "")) <= 4096
    error_message = "A member of expected has the wrong form: env is the name of a variable, fingerprint_sha256 64 hexadecimal digits, endpoint.address HOST or HOST:PORT."
  }
}

variable "trust" {
  description = "CA certificates the chains must end in. Empty: the expected certificate if it is self-signed, else the last of its chain."
  type        = list(object({ pem = optional(string), env = optional(string), file = optional(string) }))
  default     = []
  nullable    = false

  validation {
    condition = length(var.trust) <= 64 && alltrue([for source in var.trust : alltrue([
      length([for text in source : true if text != null && text != ""]) == 1,
      try(coalesce(source.env), null) == null ? true : can(regex("^[A-Za-z_][0-9A-Za-z_]{0,255}$", source.env)),
      source.file == null ? true : length(source.file) <= 4096,
    ])])
    error_message = "The trust lists at most 64 sources, each exactly one of pem, env, file."
  }
}

variable "scope" {
  description = "Where to look: cluster (the virtual IP), nodes (the managers) or all. Not used when endpoints are given."
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["cluster", "nodes", "all"], var.scope)
    error_message = "The scope is cluster, nodes or all."
  }
}

variable "endpoints" {
  description = "TLS endpoints to look at instead, each checked for its own name. Then manager may be left out."
  type        = list(object({ address = string, server_name = optional(string) }))
  default     = []
  nullable    = false

  validation {
    condition = length(var.endpoints) <= 10000 && alltrue([for endpoint in var.endpoints : alltrue([
      can(regex("^[^ /?#@]{1,261}$", endpoint.address)),
      endpoint.server_name == null ? true : can(regex("^[0-9A-Za-z._:-]{1,253}$", endpoint.server_name)),
    ])])
    error_message = "The endpoints are at most 10000, each with an address HOST or HOST:PORT and, where it differs, a server_name."
  }
}

variable "require_node_names" {
  description = "Whether a manager's own address missing from the SAN is a drift, not only a warning."
  type        = bool
  default     = false
  nullable    = false
}

variable "min_remaining_days" {
  description = "Fewer days left than this is a drift. Null: a certificate near its end only warns."
  type        = number
  default     = null

  validation {
    condition     = var.min_remaining_days == null ? true : var.min_remaining_days >= 0 && var.min_remaining_days <= 36500 && floor(var.min_remaining_days) == var.min_remaining_days
    error_message = "The min_remaining_days is a whole number from 0 to 36500."
  }
}

variable "common_name_is_address" {
  description = "Whether the common name must be the address that clients use. Null: for a self-signed certificate only."
  type        = bool
  default     = null
}

variable "reported" {
  description = "Captured output of get certificate api and get certificate cluster, compared with what is served."
  type        = list(object({ endpoint = string, service = string, text = string }))
  default     = []
  nullable    = false

  validation {
    condition = length(var.reported) <= 1000 && alltrue([for entry in var.reported : alltrue([
      can(regex("^[^ /?#@]{1,261}$", entry.endpoint)),
      contains(["api", "cluster"], entry.service),
      length(entry.text) <= 262144,
    ])])
    error_message = "The reported are at most 1000 entries: endpoint HOST or HOST:PORT, service api or cluster, text of at most 262144 characters."
  }
}

variable "warn_before_days" {
  description = "Days before the end from which every plan warns. That the last third of the validity has begun is warned of anyway."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.warn_before_days >= 0 && var.warn_before_days <= 36500 && floor(var.warn_before_days) == var.warn_before_days
    error_message = "The warn_before_days is a whole number from 0 to 36500."
  }
}
