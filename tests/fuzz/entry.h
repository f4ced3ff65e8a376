/* SPDX-License-Identifier: Apache-2.0 */
/* What each entry of tests/fuzz defines: feeds one input to the code under test; always returns 0. */
#ifndef FUZZ_ENTRY_H
#define FUZZ_ENTRY_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
