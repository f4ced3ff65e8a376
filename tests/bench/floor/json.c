/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of reading a request: jansson alone, duplicates refused. `json FILE` */
#include <jansson.h>
#include <stdio.h>

int main(int argc, char *argv[]) {
    json_error_t error;
    json_t *value = argc == 2 ? json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error) : NULL;
    if (value == NULL)
        return 1;
    printf("%zu\n", json_object_size(value));
    json_decref(value);
    return 0;
}
