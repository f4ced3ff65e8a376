/* SPDX-License-Identifier: Apache-2.0 */
/* In place of libFuzzer's main: hands each file named on the command line to the entry once. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "entry.h"

enum { INPUT_MAX = 64 * 1024 * 1024 };

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        printf("%s\n", argv[i]);
        fflush(stdout); /* a crash must leave the name behind */
        auto_buf struct buf input;
        buf_init(&input, INPUT_MAX);
        auto_error struct error err = {0};
        if (!file_read(argv[i], INPUT_MAX, &input, &err)) {
            fprintf(stderr, "%s: %s\n", argv[i], err.problem.detail);
            return 2;
        }
        /* In a block of exactly this size, so that reading past the end is seen. */
        uint8_t *copy = malloc(input.length == 0 ? 1 : input.length);
        if (copy == NULL)
            return 2;
        for (size_t at = 0; at < input.length; at++)
            copy[at] = (uint8_t)input.bytes[at];
        LLVMFuzzerTestOneInput(copy, input.length);
        free(copy);
    }
    return 0;
}
