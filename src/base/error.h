/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, in the words of the one table error_codes.def; made once, where it is known best. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

/* Exit codes of the process (contract, "Exit codes"). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_CHANGED = 2,
    EXIT_DRIFTED = 3,
    EXIT_MALFORMED = 64,
    EXIT_INTERNAL = 70,
    EXIT_RESULT_LOST = 74,
    EXIT_TRY_AGAIN = 75,
    EXIT_REFUSED = 77,
};

enum error_code {
    ERROR_NONE,
#define X(id, name, severity, exit_code, title, why, remedy) ERROR_##id,
#include "base/error_codes.def"
#undef X
    ERROR_CODE_COUNT
};

/* A row of error_codes.def. */
struct error_info {
    const char *name; /* the stable kebab-case code */
    enum severity severity;
    enum exit_code exit_code;
    const char *title;
    const char *why;
    const char *remedy;
};

/* Shared shape of errors, warnings and lint findings. code and title point to static tables, the rest is owned. */
struct problem {
    const char *code;
    const char *title;
    enum severity severity;
    char *detail;
    char *remedy;
    char *pointer;  /* JSON Pointer into the request, or NULL */
    char *endpoint; /* host[:port], or NULL */
};

struct problems {
    struct problem *items;
    size_t count;
    size_t capacity;
};

/* The manager's own words about a refusal. */
struct upstream {
    char *url;
    int http_status;
    long long error_code; /* -1: none given */
    char *module_name;
    char *error_message;
};

/* A member of error.context; `path` may hold dots for nesting ("presented.subject"). */
struct error_context {
    const char *path;
    char *text; /* NULL: a number, or null if !is_number */
    bool is_number;
    long long number;
};

enum { ERROR_CONTEXT_MAX = 8 };

struct error {
    enum error_code code; /* ERROR_NONE: nothing went wrong */
    struct problem problem;
    char *step;
    bool has_upstream;
    struct upstream upstream;
    struct problems errors; /* all findings, for request-invalid and certificate-unfit */
    struct error_context context[ERROR_CONTEXT_MAX];
    size_t context_count;
};

const struct error_info *error_info(enum error_code code);

/* ERROR_NONE when no row has that name. */
enum error_code error_code_from_name(const char *name);

/* Clears `err` and fills it from the row and the formatted detail. Always returns false: `return error_set(err, …);`.
 */
bool error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* error_set() with the remedy of this very case in place of the table's. */
bool error_set_with_remedy(struct error *err, enum error_code code, const char *remedy, const char *format, ...)
    PRINTF_LIKE(4, 5);

#define error_set(...) ALWAYS_FALSE((error_set)(__VA_ARGS__))
#define error_set_with_remedy(...) ALWAYS_FALSE((error_set_with_remedy)(__VA_ARGS__))

/* Say more about an error already set; each replaces what was there. Texts are copied; always return false. */
bool error_set_pointer(struct error *err, const char *pointer);
bool error_set_endpoint(struct error *err, const char *endpoint);
bool error_set_step(struct error *err, const char *step);

/* Adds a context member; `path` must be a literal. At most ERROR_CONTEXT_MAX, more are dropped. */
void error_add_text(struct error *err, const char *path, const char *text);
void error_add_number(struct error *err, const char *path, long long number);

/* Moves `*from` into `*into` (whose old content is freed); `*from` is empty afterwards. */
void error_move(struct error *into, struct error *from);
void error_done(struct error *err);

/* Appends a row of the table with its detail. Nothing is added when memory runs out. Returns the new item or NULL. */
struct problem *problems_add(struct problems *list, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Appends an empty item for the caller to fill (code, title must be static). NULL when memory ran out. */
struct problem *problems_add_blank(struct problems *list);

/* Sets a text of a problem, copied; takes NULL for `item`. */
void problem_set_pointer(struct problem *item, const char *pointer);
void problem_set_endpoint(struct problem *item, const char *endpoint);
void problem_set_remedy(struct problem *item, const char *remedy);

/* True when an item with this code is there. */
bool problems_have(const struct problems *list, const char *code);

/* True when an item has this pointer. */
bool problems_point_at(const struct problems *list, const char *pointer);
void problems_done(struct problems *list);

const char *severity_name(enum severity severity);

static inline void auto_error_cleanup(struct error *err) {
    error_done(err);
}
static inline void auto_problems_cleanup(struct problems *list) {
    problems_done(list);
}
#define auto_error AUTO(error)
#define auto_problems AUTO(problems)

#endif
