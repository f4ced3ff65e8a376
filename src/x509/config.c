/* SPDX-License-Identifier: Apache-2.0 */
/* An openssl request configuration, read for what it says about a server's key and certificate. */
#include "x509/config.h"

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "x509/config_guard.h"
#include "x509/openssl.h"

AUTO_DEFINE(conf, CONF *, NCONF_free)
#define auto_conf AUTO(conf)

struct reader {
    CONF *conf;
    const char *text; /* guarded: what `conf` was made from */
    struct config *config;
    struct error *err;
};

static const char *value_of(const struct reader *reader, const char *section, const char *name) {
    const char *value = NCONF_get_string(reader->conf, section, name);
    ERR_clear_error();
    return value != NULL && *value != '\0' ? value : NULL;
}

static int line_of(const struct reader *reader, const char *section, const char *name) {
    return config_line_of(reader->text, section, name);
}

static bool read_bits(const struct reader *reader) {
    static const struct {
        const char *text;
        int bits;
    } rows[] = {{"2048", 2048}, {"3072", 3072}, {"4096", 4096}};
    const char *value = value_of(reader, "req", "default_bits");
    for (size_t i = 0; value != NULL && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(value, rows[i].text) == 0)
            reader->config->bits = rows[i].bits;
    return value == NULL || reader->config->bits != 0 ||
           config_refuse(reader->err, line_of(reader, "req", "default_bits"),
                         "default_bits must be 2048, 3072 or 4096, not \"%.40s\".", value);
}

static bool read_digest(const struct reader *reader) {
    static const char *const names[] = {"sha256", "sha384", "sha512"};
    const char *value = value_of(reader, "req", "default_md");
    if (value == NULL || strcasecmp(value, "default") == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(value, names[i]) == 0)
            reader->config->digest = names[i];
    return reader->config->digest != NULL ||
           config_refuse(reader->err, line_of(reader, "req", "default_md"),
                         "default_md must be sha256, sha384 or sha512, not \"%.40s\".", value);
}

struct part {
    int nid;
    size_t offset; /* of its pointer in struct subject */
};
static const struct part parts[CONFIG_PART_COUNT] = {
    {NID_commonName, offsetof(struct subject, common_name)},
    {NID_countryName, offsetof(struct subject, country)},
    {NID_stateOrProvinceName, offsetof(struct subject, state)},
    {NID_localityName, offsetof(struct subject, locality)},
    {NID_organizationName, offsetof(struct subject, organization)},
    {NID_organizationalUnitName, offsetof(struct subject, organizational_unit)},
};

/* "0.organizationName" → "organizationName": openssl's way to give one name twice. */
static const char *without_number(const char *name) {
    const char *dot = strpbrk(name, ".,:");
    return dot != NULL && dot[1] != '\0' ? dot + 1 : name;
}

static bool set_part(const struct reader *reader, const CONF_VALUE *line, const char *name) {
    int nid = OBJ_txt2nid(name);
    ERR_clear_error();
    for (size_t i = 0; nid != NID_undef && i < CONFIG_PART_COUNT; i++) {
        if (parts[i].nid != nid)
            continue;
        if (reader->config->parts[i] != NULL)
            return config_refuse(reader->err, line_of(reader, line->section, line->name),
                                 "the subject has %s twice; one is supported.", name);
        char *copy = mem_strdup(line->value);
        if (copy == NULL)
            return error_set(reader->err, ERROR_OUT_OF_MEMORY, "No memory was left while a configuration was read.");
        reader->config->parts[i] = copy;
        memcpy((char *)&reader->config->subject + parts[i].offset, &copy, sizeof copy);
        return true;
    }
    return config_refuse(
        reader->err, line_of(reader, line->section, line->name),
        "the subject can have no %.60s here: only common name, country, state, locality, organization and "
        "organizational unit. Remove the line.",
        name);
}

static bool ends_with(const char *text, const char *tail) {
    size_t length = strlen(text);
    size_t tail_length = strlen(tail);
    return length > tail_length && strcmp(text + length - tail_length, tail) == 0;
}

/* With prompts a line "countryName = Country" is a question, and countryName_default the answer to nothing typed. */
static bool read_part(const struct reader *reader, const CONF_VALUE *line, bool prompting) {
    static const char tail[] = "_default";
    char name[64];
    const char *full = without_number(line->name);
    if (*line->value == '\0' || (prompting && !ends_with(full, tail)))
        return true;
    if (!prompting)
        return set_part(reader, line, full);
    snprintf(name, sizeof name, "%.*s", (int)(strlen(full) - strlen(tail)), full);
    return set_part(reader, line, name);
}

static bool read_subject(const struct reader *reader) {
    const char *section = value_of(reader, "req", "distinguished_name");
    const char *prompt = value_of(reader, "req", "prompt");
    if (section == NULL)
        return true;
    STACK_OF(CONF_VALUE) *lines = NCONF_get_section(reader->conf, section);
    ERR_clear_error();
    if (lines == NULL)
        return config_refuse(reader->err, line_of(reader, "req", "distinguished_name"),
                             "distinguished_name names the section [%.60s], which is not there.", section);
    bool prompting = prompt == NULL || strcasecmp(prompt, "no") != 0;
    for (int i = 0; i < sk_CONF_VALUE_num(lines); i++)
        if (!read_part(reader, sk_CONF_VALUE_value(lines, i), prompting))
            return false;
    return true;
}

/* "DNS.1" and "DNS" are both of the kind DNS. */
static bool is_kind(const char *name, const char *kind) {
    size_t length = strlen(kind);
    return strncmp(name, kind, length) == 0 && (name[length] == '\0' || name[length] == '.');
}

static bool add_name(const struct reader *reader, const CONF_VALUE *entry, int line) {
    auto_error struct error why = {0};
    const char *value = entry->value != NULL ? entry->value : "";
    if (strcmp(entry->name, "critical") == 0 && entry->value == NULL)
        return true;
    if (!is_kind(entry->name, "DNS") && !is_kind(entry->name, "IP"))
        return config_refuse(reader->err, line, "the SAN entry \"%.60s\" is neither DNS nor IP.", entry->name);
    bool added = is_kind(entry->name, "IP") ? san_add_ip(&reader->config->san, value, &why)
                                            : san_add_host(&reader->config->san, value, &why);
    if (added)
        return true;
    if (why.code == ERROR_OUT_OF_MEMORY || why.problem.detail == NULL)
        return error_set(reader->err, ERROR_OUT_OF_MEMORY, "No memory was left while a configuration was read.");
    return config_refuse(reader->err, line, "%s", why.problem.detail);
}

static bool add_section(const struct reader *reader, const char *section, int line) {
    STACK_OF(CONF_VALUE) *entries = NCONF_get_section(reader->conf, section);
    ERR_clear_error();
    if (entries == NULL)
        return config_refuse(reader->err, line, "subjectAltName names the section [%.60s], which is not there.",
                             section);
    for (int i = 0; i < sk_CONF_VALUE_num(entries); i++) {
        const CONF_VALUE *entry = sk_CONF_VALUE_value(entries, i);
        if (!add_name(reader, entry, line_of(reader, section, entry->name)))
            return false;
    }
    return true;
}

static bool add_list(const struct reader *reader, const char *value, int line) {
    STACK_OF(CONF_VALUE) *entries = X509V3_parse_list(value);
    if (entries == NULL)
        return openssl_refused(reader->err, ERROR_INVALID_CONFIG, "Line %d: subjectAltName cannot be read.", line);
    bool added = true;
    for (int i = 0; i < sk_CONF_VALUE_num(entries) && added; i++) {
        const CONF_VALUE *entry = sk_CONF_VALUE_value(entries, i);
        added = entry->value == NULL && entry->name[0] == '@' ? add_section(reader, entry->name + 1, line)
                                                              : add_name(reader, entry, line);
    }
    sk_CONF_VALUE_pop_free(entries, X509V3_conf_free);
    return added;
}

/* The SAN of the extensions that [req] names as `key`. */
static bool read_san(const struct reader *reader, const char *key) {
    const char *section = value_of(reader, "req", key);
    if (section == NULL)
        return true;
    STACK_OF(CONF_VALUE) *lines = NCONF_get_section(reader->conf, section);
    ERR_clear_error();
    if (lines == NULL)
        return config_refuse(reader->err, line_of(reader, "req", key),
                             "%s names the section [%.60s], which is not there.", key, section);
    /* Not NCONF_get_string(): it would also find a value of the default section. */
    for (int i = 0; i < sk_CONF_VALUE_num(lines); i++) {
        const CONF_VALUE *line = sk_CONF_VALUE_value(lines, i);
        if (strcmp(line->name, "subjectAltName") == 0 &&
            !add_list(reader, line->value, line_of(reader, section, "subjectAltName")))
            return false;
    }
    return true;
}

static bool read_request(const struct reader *reader) {
    if (NCONF_get_section(reader->conf, "req") == NULL) {
        ERR_clear_error();
        return config_refuse(reader->err, 0, "There is no section [req].");
    }
    return read_bits(reader) && read_digest(reader) && read_subject(reader) && read_san(reader, "x509_extensions") &&
           read_san(reader, "req_extensions");
}

static CONF *parse(const struct buf *text, struct error *err) {
    auto_bio BIO *bio = BIO_new_mem_buf(buf_text(text), (int)text->length);
    auto_conf CONF *conf = NCONF_new(NULL);
    long line = 0;
    if (bio == NULL || conf == NULL) {
        openssl_failed(err, "reading a configuration");
        return NULL;
    }
    if (NCONF_load_bio(conf, bio, &line) != 1) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());
        ERR_clear_error();
        if (mem_exhausted())
            error_set(err, ERROR_OUT_OF_MEMORY, "No memory was left while a configuration was read.");
        else
            config_refuse(err, (int)line, "%s.", reason != NULL ? reason : "OpenSSL's parser refuses it");
        return NULL;
    }
    CONF *taken = conf;
    conf = NULL;
    return taken;
}

bool config_read(const char *text, size_t length, struct config *ret_config, struct error *err) {
    auto_buf struct buf safe = {0};
    auto_config struct config config = {0};
    if (length > CONFIG_BYTES_MAX)
        return config_refuse(err, 0, "The configuration is longer than 64 KiB.");
    if (!config_guard(text, length, &safe, err))
        return false;
    auto_conf CONF *conf = parse(&safe, err);
    struct reader reader = {conf, buf_text(&safe), &config, err};
    if (conf == NULL || !read_request(&reader))
        return false;
    *ret_config = config;
    config = (struct config){0};
    return true;
}

void config_done(struct config *config) {
    for (size_t i = 0; i < CONFIG_PART_COUNT; i++)
        mem_free(config->parts[i]);
    san_done(&config->san);
    *config = (struct config){0};
}
