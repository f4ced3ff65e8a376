# SPDX-License-Identifier: Apache-2.0

plugin "terraform" {
  enabled = true
  preset  = "all"
}
