/* SPDX-License-Identifier: Apache-2.0 */
/* A source of the request: text in place, {"file": PATH} or {"env": NAME}. */
#include "op/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "json/get.h"

const char *source_path(const json_t *source) {
    return get_text(source, "file", NULL);
}

bool source_is_not_yet(const json_t *source) {
    const char *path = source_path(source);
    return path != NULL && !file_exists(path);
}

bool source_comes_later(struct run *run, const json_t *source, const char *pointer) {
    if (!run->dry_run || !source_is_not_yet(source))
        return false;
    problem_set_pointer(problems_add(&run->warnings, ERROR_SOURCE_NOT_YET, "%s does not exist yet",
                                     source_path(source)),
                        pointer);
    return true;
}

static bool add_text(struct buf *ret, const char *text, size_t length, struct error *err) {
    return buf_add(ret, text, length) || error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read a source");
}

bool source_read(const json_t *source, const char *pointer, struct buf *ret, struct error *err) {
    if (json_is_string(source))
        return add_text(ret, json_string_value(source), json_string_length(source), err);
    const char *path = source_path(source);
    if (path != NULL)
        return file_read(path, SOURCE_BYTES_MAX, ret, err) || error_set_pointer(err, pointer);
    const char *name = get_text(source, "env", "");
    const char *value = getenv(name);
    if (value != NULL && *value != '\0')
        return add_text(ret, value, strlen(value), err);
    /* Read as a secret before (key and certificate in one variable): then it is no longer in the environment. */
    const struct secret *taken = secret_from_environment(name);
    if (taken != NULL)
        return add_text(ret, secret_reveal(taken), secret_length(taken), err);
    error_set(err, ERROR_SOURCE_UNAVAILABLE, "the environment variable %s is not set or empty", name);
    return error_set_pointer(err, pointer);
}

static struct secret *from_file(const char *path, struct error *err) {
    auto_buf struct buf bytes;
    buf_init(&bytes, SECRET_BYTES_MAX + 1);
    auto_error struct error cause = {0};
    if (!file_read(path, SECRET_BYTES_MAX, &bytes, &cause)) {
        /* Shortage of anything stays what it is: trying again helps there, and only there. */
        if (error_info(cause.code)->exit_code == EXIT_TRY_AGAIN)
            error_move(err, &cause);
        else
            error_set(err, ERROR_SECRET_UNAVAILABLE, "%s", cause.problem.detail == NULL ? path : cause.problem.detail);
        return NULL;
    }
    struct secret *secret = secret_new(buf_text(&bytes), bytes.length, true);
    if (secret == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read %s", path);
        return NULL;
    }
    if (secret_length(secret) > 0)
        return secret;
    secret_free(secret);
    error_set(err, ERROR_SECRET_UNAVAILABLE, "%s is empty", path);
    return NULL;
}

static struct secret *from_environment(const char *name, struct error *err) {
    const struct secret *kept = secret_from_environment(name);
    if (kept == NULL || secret_length(kept) == 0) {
        error_set(err, ERROR_SECRET_UNAVAILABLE, "the environment variable %s is not set or empty", name);
        return NULL;
    }
    struct secret *secret = secret_new(secret_reveal(kept), secret_length(kept), false);
    if (secret == NULL)
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read a secret");
    return secret;
}

static struct secret *from_text(const json_t *text, struct error *err) {
    struct secret *secret = secret_new(json_string_value(text), json_string_length(text), true);
    if (secret == NULL)
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to read a secret");
    else if (secret_length(secret) > 0)
        return secret;
    else
        error_set(err, ERROR_SECRET_UNAVAILABLE, "the secret is an empty text");
    secret_free(secret);
    return NULL;
}

struct secret *source_read_secret(const json_t *source, const char *pointer, struct error *err) {
    const char *path = source_path(source);
    struct secret *secret = json_is_string(source) ? from_text(source, err)
                            : path != NULL         ? from_file(path, err)
                                                   : from_environment(get_text(source, "env", ""), err);
    if (secret == NULL)
        error_set_pointer(err, pointer);
    return secret;
}

bool source_read_optional_secret(const json_t *source, const char *pointer, struct secret **ret_secret,
                                 struct error *err) {
    if (source == NULL)
        return true;
    struct secret *secret = source_read_secret(source, pointer, err);
    if (secret == NULL)
        return false;
    *ret_secret = secret;
    return true;
}
