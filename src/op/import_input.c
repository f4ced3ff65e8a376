/* SPDX-License-Identifier: Apache-2.0 */
/* What import is given: certificate, key and name, read, checked and brought into the form that every manager takes. */
#include "op/import_input.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "op/lint_gate.h"
#include "op/source.h"
#include "json/get.h"
#include "json/read.h"

enum { NAME_BYTES_MAX = 255, MARK_DIGITS = 12, DATE_LENGTH = 10 };

static const char certificate_pointer[] = "/parameters/certificate";
static const char key_pointer[] = "/parameters/private_key";
static const char passphrase_pointer[] = "/parameters/passphrase";
static const char name_pointer[] = "/parameters/display_name";

static bool no_memory(struct error *err) {
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the certificate to import");
}

const char *import_input_not_yet(const json_t *parameters, const char **ret_pointer) {
    static const struct {
        const char *name;
        const char *pointer;
    } sources[] = {{"certificate", certificate_pointer}, {"private_key", key_pointer}};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        const json_t *source = get_any(parameters, sources[i].name);
        if (source == NULL || !source_is_not_yet(source))
            continue;
        *ret_pointer = sources[i].pointer;
        return source_path(source);
    }
    return NULL;
}

/* The key in the certificate's text, or without that of `source`. */
static EVP_PKEY *read_key_of(const json_t *parameters, const json_t *source, const struct buf *certificate,
                             struct error *err) {
    auto_secret struct secret *passphrase = NULL;
    if (!source_read_optional_secret(get_any(parameters, "passphrase"), passphrase_pointer, &passphrase, err))
        return NULL;
    if (certificate != NULL)
        return key_read_pem(buf_text(certificate), certificate->length, passphrase, err);
    auto_secret struct secret *given = source_read_secret(source, key_pointer, err);
    return given == NULL ? NULL : key_read_pem(secret_reveal(given), secret_length(given), passphrase, err);
}

/* The key of `private_key`, or the one in the certificate's text. */
static bool read_key(const json_t *parameters, const struct buf *certificate, struct import_input *input,
                     struct error *err) {
    const json_t *source = get_any(parameters, "private_key");
    input->key = read_key_of(parameters, source, source == NULL ? certificate : NULL, err);
    if (input->key != NULL)
        return true;
    if (err->problem.pointer != NULL)
        return false;
    if (err->code == ERROR_INVALID_PRIVATE_KEY && source == NULL)
        error_set_with_remedy(err, ERROR_INVALID_PRIVATE_KEY,
                              "Give `private_key`, or put the key into the certificate's text.",
                              "private_key is not given and no usable key stands in the certificate's text");
    return error_set_pointer(err, err->code == ERROR_PASSPHRASE_WRONG ? passphrase_pointer : key_pointer);
}

static bool is_own(const struct import_input *input, EVP_PKEY *key) {
    EVP_PKEY *own = X509_get0_pubkey(input->chain.certs[0]);
    return own != NULL && key != NULL && key_equal_public(own, key);
}

/* While a CA has not answered to a renewed request, the new key is at the path and the certificate's beside it. */
static bool take_previous_key(const json_t *parameters, struct import_input *input) {
    const char *path = source_path(get_any(parameters, "private_key"));
    auto_text char *previous = path == NULL ? NULL : mem_printf("%s.previous", path);
    if (previous == NULL || !file_exists(previous))
        return false;
    auto_json json_t *source = json_object();
    put_text(source, "file", previous);
    auto_error struct error ignored = {0};
    auto_pkey EVP_PKEY *key = read_key_of(parameters, source, NULL, &ignored);
    if (!is_own(input, key))
        return false;
    EVP_PKEY_free(input->key);
    input->key = key;
    key = NULL;
    input->key_is_previous = true;
    return true;
}

static bool check_key(const json_t *parameters, struct import_input *input, struct error *err) {
    if (is_own(input, input->key) || take_previous_key(parameters, input))
        return true;
    if (mem_exhausted())
        return no_memory(err);
    error_set(err, ERROR_KEY_MISMATCH, "the private key is not that of the certificate %.16s…", input->fingerprint);
    return error_set_pointer(err, key_pointer);
}

/* Common name, else a name of the SAN, else a plain word. */
static char *name_of(X509 *leaf) {
    char *name = cert_common_name(leaf);
    auto_san struct san san = {0};
    if (name != NULL || !cert_san(leaf, &san))
        return name;
    const char *other = san.dns_count > 0 ? san.dns[0] : san.ip_count > 0 ? san.ip[0] : "certificate";
    return mem_strdup(other);
}

/* Replaces {fingerprint} and {not_before}; true in *ret_marked if there was one. */
static bool expand(const char *template, const struct import_input *input, struct buf *out, bool *ret_marked) {
    char date[CLOCK_TEXT_SIZE];
    clock_format(cert_not_before(input->chain.certs[0]), date);
    const struct {
        const char *mark;
        const char *value;
        size_t length;
    } marks[] = {{"{fingerprint}", input->fingerprint, MARK_DIGITS}, {"{not_before}", date, DATE_LENGTH}};
    while (*template != '\0') {
        size_t i = 0;
        size_t count = sizeof marks / sizeof marks[0];
        while (i < count && strncmp(template, marks[i].mark, strlen(marks[i].mark)) != 0)
            i++;
        if (i < count) {
            buf_add(out, marks[i].value, marks[i].length);
            template += strlen(marks[i].mark);
            *ret_marked = true;
        } else {
            buf_add(out, template ++, 1);
        }
    }
    return !out->failed;
}

static bool make_name(const json_t *parameters, struct import_input *input, struct error *err) {
    const char *template = get_text(parameters, "display_name", NULL);
    auto_buf struct buf name;
    buf_init(&name, 0);
    if (template == NULL) {
        auto_text char *common = name_of(input->chain.certs[0]);
        input->name_has_mark = true;
        if (common == NULL || !buf_printf(&name, "%s-%.*s", common, MARK_DIGITS, input->fingerprint))
            return no_memory(err);
    } else if (!expand(template, input, &name, &input->name_has_mark)) {
        return no_memory(err);
    }
    if (name.length > NAME_BYTES_MAX) {
        error_set(err, ERROR_INVALID_VALUE, "display_name would be %zu bytes long; %d are allowed", name.length,
                  NAME_BYTES_MAX);
        return error_set_pointer(err, name_pointer);
    }
    input->display_name = buf_take(&name);
    return input->display_name != NULL || no_memory(err);
}

static bool write_safe_form(struct import_input *input, struct error *err) {
    auto_buf struct buf key;
    buf_init(&key, 0);
    buf_init(&input->certificate_pem, 0);
    if (!chain_write_pem(&input->chain, &input->certificate_pem) || !key_write_pem(input->key, &key))
        return no_memory(err);
    input->key_pem = secret_new(buf_text(&key), key.length, false);
    return input->key_pem != NULL || no_memory(err);
}

static bool read_chain(const struct buf *text, struct import_input *input, struct error *err) {
    if (!chain_read_pem(buf_text(text), text->length, input->key, &input->chain, err))
        return error_set_pointer(err, certificate_pointer);
    if (!cert_sha256(input->chain.certs[0], input->sha256))
        return no_memory(err);
    /* A key in the same text is welcome here: it is sent apart, so lint has nothing to say about it. */
    input->chain.has_key = false;
    cert_hex(input->sha256, input->fingerprint);
    clock_format(cert_not_after(input->chain.certs[0]), input->not_after);
    return true;
}

bool import_input_read(const json_t *parameters, struct import_input *ret_input, struct error *err) {
    auto_buf struct buf text;
    buf_init(&text, SOURCE_BYTES_MAX);
    return source_read(get_any(parameters, "certificate"), certificate_pointer, &text, err) &&
           read_key(parameters, &text, ret_input, err) && read_chain(&text, ret_input, err) &&
           check_key(parameters, ret_input, err) && make_name(parameters, ret_input, err) &&
           write_safe_form(ret_input, err);
}

bool import_input_lint(const struct import_input *input, struct lint_version version, struct run *run,
                       struct error *err) {
    const struct lint_subject subject = {.chain = &input->chain,
                                         .key = input->key,
                                         .version = version,
                                         .scopes = LINT_CERTIFICATE,
                                         .ca_signed_only = -1,
                                         .crl_checking = -1,
                                         .auto_renewal = -1};
    bool enforce = strcmp(get_text(run->parameters, "lint", "enforce"), "enforce") == 0;
    return lint_gate(run, &subject, enforce, ERROR_CERTIFICATE_UNFIT, err) ||
           error_set_pointer(err, certificate_pointer);
}

void import_input_done(struct import_input *input) {
    chain_done(&input->chain);
    EVP_PKEY_free(input->key);
    mem_free(input->display_name);
    buf_done(&input->certificate_pem);
    secret_free(input->key_pem);
}
