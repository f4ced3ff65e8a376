/* SPDX-License-Identifier: Apache-2.0 */
/* The openssl request configuration: no crash, and nothing of the environment or of a file in what it yields. */
#include "x509/config.h"

#include <stdlib.h>
#include <string.h>

#include "entry.h"

static void check_text(const char *text) {
    if (text != NULL && strstr(text, "canary") != NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_error struct error err = {0};
    auto_config struct config config = {0};
    /* The name is one that an input can hit: a configuration that holds the word itself is of no use here. */
    setenv("E", "canary", 1);
    if (memmem(data, size, "canary", 6) != NULL || !config_read((const char *)data, size, &config, &err))
        return 0;
    for (size_t i = 0; i < CONFIG_PART_COUNT; i++)
        check_text(config.parts[i]);
    for (size_t i = 0; i < config.san.dns_count; i++)
        check_text(config.san.dns[i]);
    return 0;
}
