/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: one table of flags, from which parsing and --help follow. */
#include "cli/flags.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "json/near_miss.h"

enum flag_kind {
    FLAG_MODE,          /* no value */
    FLAG_MODE_SUBJECT,  /* optional value: an operation */
    FLAG_MODE_REQUIRED, /* a value: operation or code */
    FLAG_MODE_CHOICE,   /* one of `choices`, then an optional FILE */
    FLAG_SWITCH,        /* sets a bool */
    FLAG_TEXT,          /* a value */
    FLAG_CHOICE,        /* one of `choices` */
};

struct flag_row {
    const char *name;
    char letter;
    enum flag_kind kind;
    int mode;
    size_t offset;
    const char *choices; /* "a|b|c", in the order of the enum */
    const char *value;   /* how --help shows it */
    const char *help;
};

#define AT(member) offsetof(struct flags, member)

static const struct flag_row rows[] = {
    {.name = "request-file",
     .kind = FLAG_TEXT,
     .offset = AT(request_file),
     .value = "FILE",
     .help = "read the request from FILE (- is stdin, also a terminal)"},
    {.name = "request-env",
     .kind = FLAG_TEXT,
     .offset = AT(request_env),
     .value = "NAME",
     .help = "read the request from the environment variable NAME"},
    {.name = "terraform",
     .kind = FLAG_SWITCH,
     .offset = AT(terraform),
     .help = "speak Terraform's external data source protocol on stdin and stdout"},
    {.name = "validate",
     .kind = FLAG_SWITCH,
     .offset = AT(validate),
     .help = "check the request against schema and rules, touch nothing else"},
    {.name = "dry-run",
     .letter = 'n',
     .kind = FLAG_SWITCH,
     .offset = AT(dry_run),
     .help = "look and plan, change nothing (as the member dry_run)"},
    {.name = "detailed-exitcode",
     .kind = FLAG_SWITCH,
     .offset = AT(detailed_exitcode),
     .help = "exit 2 when it succeeded and something changed (or would)"},
    {.name = "format",
     .kind = FLAG_CHOICE,
     .offset = AT(format),
     .choices = "json|text",
     .value = "json|text",
     .help = "how the result is printed (default json)"},
    {.name = "output",
     .kind = FLAG_TEXT,
     .offset = AT(output),
     .value = "FILE",
     .help = "write the JSON result to FILE as well, in one step"},
    {.name = "progress",
     .kind = FLAG_CHOICE,
     .offset = AT(progress),
     .choices = "auto|plain|none",
     .value = "auto|plain|none",
     .help = "steps on stderr (auto: on a terminal only)"},
    {.name = "debug", .kind = FLAG_SWITCH, .offset = AT(debug), .help = "trace on stderr, without secrets"},
    {.name = "render",
     .kind = FLAG_MODE_CHOICE,
     .mode = MODE_RENDER,
     .offset = AT(view),
     .choices = "text|markdown|prometheus",
     .value = "VIEW [FILE]",
     .help = "show a stored result as text, markdown or prometheus (metrics)"},
    {.name = "schema",
     .kind = FLAG_MODE_SUBJECT,
     .mode = MODE_SCHEMA,
     .value = "[OPERATION]",
     .help = "print the JSON Schema of requests"},
    {.name = "example",
     .kind = FLAG_MODE_REQUIRED,
     .mode = MODE_EXAMPLE,
     .value = "OPERATION",
     .help = "print a request to start from"},
    {.name = "capabilities",
     .kind = FLAG_MODE,
     .mode = MODE_CAPABILITIES,
     .help = "print what this build can do, as JSON"},
    {.name = "explain",
     .kind = FLAG_MODE_REQUIRED,
     .mode = MODE_EXPLAIN,
     .value = "CODE",
     .help = "tell what an error or finding means and what to do"},
    {.name = "help", .letter = 'h', .kind = FLAG_MODE, .mode = MODE_HELP, .help = "print this"},
    {.name = "version", .kind = FLAG_MODE, .mode = MODE_VERSION, .help = "print the version"},
};

enum { ROWS = sizeof rows / sizeof *rows };

struct cursor {
    int argc;
    char *const *argv;
    int at;
    int modes; /* how many mode flags were seen */
};

static const struct flag_row *find_row(const char *text, size_t length) {
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, text, length) == 0)
            return &rows[i];
    return NULL;
}

static const struct flag_row *find_letter(const char *text) {
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].letter != '\0' && text[0] == rows[i].letter && text[1] == '\0')
            return &rows[i];
    return NULL;
}

static bool unknown(const char *argument, struct error *err) {
    const char *names[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        names[i] = rows[i].name;
    const char *near = near_miss_find(argument + strspn(argument, "-"), names, ROWS);
    int length = (int)strcspn(argument, "="); /* what follows may be a secret */
    if (near == NULL)
        return error_set(err, ERROR_USAGE, "unknown argument %.*s", length, argument);
    return error_set(err, ERROR_USAGE, "unknown argument %.*s; did you mean --%s?", length, argument, near);
}

/* The argument after a flag, when it is a value and not another flag ("-" alone is a value). */
static const char *next_value(struct cursor *cursor) {
    if (cursor->at + 1 >= cursor->argc)
        return NULL;
    const char *next = cursor->argv[cursor->at + 1];
    if (next[0] == '-' && next[1] != '\0')
        return NULL;
    cursor->at++;
    return next;
}

static bool set_choice(struct flags *flags, const struct flag_row *row, const char *value, struct error *err) {
    const char *choice = row->choices;
    for (int index = 0; *choice != '\0'; index++) {
        size_t length = strcspn(choice, "|");
        if (strlen(value) == length && strncmp(choice, value, length) == 0) {
            *(int *)((char *)flags + row->offset) = index;
            return true;
        }
        choice += length + (choice[length] == '|');
    }
    return error_set(err, ERROR_USAGE, "--%s takes %s, not %s", row->name, row->choices, value);
}

static bool set_text(struct flags *flags, const struct flag_row *row, const char *value, struct error *err) {
    char *slot = (char *)flags + row->offset;
    const char *before;
    memcpy(&before, slot, sizeof before);
    if (before != NULL)
        return error_set(err, ERROR_USAGE, "--%s was given twice", row->name);
    if (*value == '\0')
        return error_set(err, ERROR_USAGE, "--%s is empty", row->name);
    memcpy(slot, &value, sizeof value);
    return true;
}

static bool take_value(struct cursor *cursor, struct flags *flags, const struct flag_row *row, const char *value,
                       struct error *err) {
    if (row->kind == FLAG_TEXT)
        return set_text(flags, row, value, err);
    if (row->kind == FLAG_MODE_SUBJECT || row->kind == FLAG_MODE_REQUIRED) {
        flags->subject = value;
        return true;
    }
    if (row->kind == FLAG_MODE_CHOICE)
        flags->render_file = next_value(cursor);
    return set_choice(flags, row, value, err);
}

static bool is_mode(const struct flag_row *row) {
    return row->kind == FLAG_MODE || row->kind == FLAG_MODE_SUBJECT || row->kind == FLAG_MODE_REQUIRED ||
           row->kind == FLAG_MODE_CHOICE;
}

static bool apply(struct cursor *cursor, struct flags *flags, const struct flag_row *row, const char *attached,
                  struct error *err) {
    bool no_value = row->kind == FLAG_MODE || row->kind == FLAG_SWITCH;
    if (no_value && attached != NULL)
        return error_set(err, ERROR_USAGE, "--%s takes no value", row->name);
    const char *value = attached != NULL || no_value ? attached : next_value(cursor);
    bool may_lack_it = no_value || row->kind == FLAG_MODE_SUBJECT;
    if (value == NULL && !may_lack_it)
        return error_set(err, ERROR_USAGE, "--%s needs a value: %s", row->name,
                         row->choices == NULL ? row->value : row->choices);
    if (row->kind == FLAG_SWITCH)
        *(bool *)((char *)flags + row->offset) = true;
    if (is_mode(row)) {
        flags->mode = (enum cli_mode)row->mode;
        cursor->modes++;
    }
    return value == NULL || take_value(cursor, flags, row, value, err);
}

static bool exclusive(const struct cursor *cursor, const struct flags *flags, struct error *err) {
    int ways = (flags->request_file != NULL) + (flags->request_env != NULL) + flags->terraform;
    if (cursor->modes > 1)
        return error_set(err, ERROR_USAGE, "two things are asked for at once");
    if (ways > 1)
        return error_set(err, ERROR_USAGE, "the request is given in two ways");
    if (flags->mode != MODE_RUN && (ways > 0 || flags->validate || flags->dry_run || flags->detailed_exitcode))
        return error_set(err, ERROR_USAGE, "a request is given beside a flag that needs none");
    if (flags->mode != MODE_RUN && (flags->output != NULL || flags->format != FORMAT_JSON))
        return error_set(err, ERROR_USAGE, "--output and --format are about the result of a request");
    if (flags->terraform && (flags->validate || flags->format != FORMAT_JSON || flags->detailed_exitcode))
        return error_set(err, ERROR_USAGE, "--terraform goes with --debug, --dry-run and --output only");
    return true;
}

bool flags_parse(int argc, char *const argv[], struct flags *ret_flags, struct error *err) {
    *ret_flags = (struct flags){.mode = MODE_RUN};
    struct cursor cursor = {argc, argv, 1, 0};
    bool ok = true;
    for (; cursor.at < argc; cursor.at++) {
        const char *argument = argv[cursor.at];
        const char *equals = NULL;
        const struct flag_row *row = NULL;
        if (strncmp(argument, "--", 2) == 0) {
            equals = strchr(argument, '=');
            row = find_row(argument + 2, equals == NULL ? strlen(argument + 2) : (size_t)(equals - argument) - 2);
        } else if (argument[0] == '-') {
            row = find_letter(argument + 1);
        }
        auto_error struct error later = {0};
        bool fits = row == NULL ? unknown(argument, &later)
                                : apply(&cursor, ret_flags, row, equals == NULL ? NULL : equals + 1, &later);
        /* The first mistake is told, the rest is still read: --output and --format after it count. */
        if (!fits && ok) {
            error_move(err, &later);
            ok = false;
        }
    }
    return ok && exclusive(&cursor, ret_flags, err);
}

void flags_print(FILE *out) {
    for (size_t i = 0; i < ROWS; i++) {
        char left[64];
        const char *value = rows[i].value == NULL ? "" : rows[i].value;
        if (rows[i].letter != '\0')
            snprintf(left, sizeof left, "-%c, --%s", rows[i].letter, rows[i].name);
        else
            snprintf(left, sizeof left, "    --%s %s", rows[i].name, value);
        fprintf(out, "  %-34s %s\n", left, rows[i].help);
    }
}
