/* SPDX-License-Identifier: Apache-2.0 */
/* Lint findings that stop a run, or only warn. */
#ifndef OP_LINT_GATE_H
#define OP_LINT_GATE_H

#include <stdbool.h>

#include "base/error.h"
#include "op/run.h"
#include "x509/lint.h"

/* Lints the subject. Findings of severity error end the run with `code` and all findings in err->errors if `enforce`;
 * everything else becomes a warning of the run. */
bool lint_gate(struct run *run, const struct lint_subject *subject, bool enforce, enum error_code code,
               struct error *err) NODISCARD;

#endif
