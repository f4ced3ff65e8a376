/* SPDX-License-Identifier: Apache-2.0 */
/* One run of one operation: the request it came with, the time it has, and the result it fills. */
#include "op/run.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "json/get.h"

bool run_init(struct run *run, const struct operation *operation, json_t *request, json_t *given) {
    *run = (struct run){.operation = operation,
                        .request = request,
                        .parameters = get_object(request, "parameters"),
                        .given = given,
                        .dry_run = get_flag(request, "dry_run", false),
                        .deadline = deadline_after_ms(get_integer(request, "deadline_seconds", 60) * 1000),
                        .result = json_object(),
                        .unknown = json_array()};
    file_set_deadline(run->deadline);
    return run->result != NULL && run->unknown != NULL;
}

void run_done(struct run *run) {
    if (run->state_free != NULL)
        run->state_free(run->state);
    steps_done(&run->steps);
    problems_done(&run->warnings);
    json_decref(run->result);
    json_decref(run->unknown);
    json_decref((json_t *)run->request);
    json_decref((json_t *)run->given);
    mem_free(run->target_address);
    mem_free(run->target_cluster_id);
    mem_free(run->target_nsx_version);
    *run = (struct run){0};
}

void run_add_unknown(struct run *run, const char *pointer) {
    size_t index;
    json_t *item;
    if (!run->dry_run)
        return;
    json_array_foreach(run->unknown, index, item) {
        if (strcmp(json_string_value(item), pointer) == 0)
            return;
    }
    push_text(run->unknown, pointer);
}
