/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up hardening of the process. */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

/* No core, not dumpable (no ptrace by the same user), no new privileges, umask 077, descriptors 0-2 open (closed ones
 * on /dev/null), SSLKEYLOGFILE unset. Failures are ignored: each is a second line of defence. */
void harden_process(void);

#endif
