/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: one table of flags, from which parsing and --help follow. */
#ifndef CLI_FLAGS_H
#define CLI_FLAGS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

enum cli_mode {
    MODE_RUN, /* read a request and do it (also --validate, --terraform) */
    MODE_HELP,
    MODE_VERSION,
    MODE_SCHEMA,
    MODE_EXAMPLE,
    MODE_CAPABILITIES,
    MODE_EXPLAIN,
    MODE_RENDER,
};

enum cli_format { FORMAT_JSON, FORMAT_TEXT };
enum cli_progress { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_NONE };
enum cli_view { VIEW_TEXT, VIEW_MARKDOWN, VIEW_PROMETHEUS };

struct flags {
    enum cli_mode mode;
    const char *subject;      /* operation of --schema and --example, code of --explain; NULL: none given */
    const char *request_file; /* "-": stdin */
    const char *request_env;
    const char *output;
    const char *render_file; /* NULL or "-": stdin */
    bool terraform;
    bool validate;
    bool dry_run;
    bool detailed_exitcode;
    bool debug;
    int format;   /* enum cli_format */
    int progress; /* enum cli_progress */
    int view;     /* enum cli_view */
};

/* Reads argv; texts are borrowed from it. usage for an unknown flag (with the near miss), a missing or wrong value, or
 * flags that exclude each other. `ret_flags` is filled as far as it came even then, so that --output and --format are
 * obeyed. */
bool flags_parse(int argc, char *const argv[], struct flags *ret_flags, struct error *err) NODISCARD;

/* The list of flags for --help. */
void flags_print(FILE *out);

#endif
