/* SPDX-License-Identifier: Apache-2.0 */
/* What `generate` is asked to make: the request's parameters, completed by an openssl configuration and the issuer. */
#include "op/generate_spec.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "op/source.h"
#include "json/get.h"

static void take_subject(const json_t *parameters, struct subject *subject) {
    const json_t *given = get_object(parameters, "subject");
    subject->common_name = get_text(parameters, "common_name", subject->common_name);
    subject->country = get_text(given, "country", subject->country);
    subject->state = get_text(given, "state", subject->state);
    subject->locality = get_text(given, "locality", subject->locality);
    subject->organization = get_text(given, "organization", subject->organization);
    subject->organizational_unit = get_text(given, "organizational_unit", subject->organizational_unit);
}

static bool add_all(struct san *san, const json_t *list, bool (*add)(struct san *, const char *, struct error *),
                    struct error *err) {
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item) {
        if (!add(san, json_string_value(item), err))
            return false;
    }
    return true;
}

/* The request's own SAN replaces the configuration's; the common name is in it in any case. */
static bool take_san(const struct run *run, struct generate_spec *spec, struct error *err) {
    const json_t *given = get_object(run->parameters, "san");
    bool ok = true;
    if (given != NULL) {
        ok = add_all(&spec->san, get_array(given, "dns"), san_add_dns, err) &&
             add_all(&spec->san, get_array(given, "ip"), san_add_ip, err);
    } else {
        spec->san = spec->config.san;
        spec->config.san = (struct san){0};
    }
    if (!ok || !san_add_host(&spec->san, spec->cert.subject.common_name, err))
        return false;
    if (name_parse_ip(spec->cert.subject.common_name, spec->common_name) ||
        name_parse_dns(spec->cert.subject.common_name, true, spec->common_name))
        spec->cert.subject.common_name = spec->common_name;
    return true;
}

static void take_key(const struct run *run, struct generate_spec *spec) {
    const json_t *key = get_object(run->parameters, "key");
    /* The schema's default must not hide what the configuration says. */
    bool asked = get_any(run->given, "key") != NULL;
    spec->key.ec = strcmp(get_text(key, "type", "rsa"), "ec") == 0;
    spec->key.curve = get_text(key, "curve", NULL);
    spec->key.bits = (int)get_integer(key, "bits", 0);
    if (!asked && spec->config.bits > 0)
        spec->key.bits = spec->config.bits;
}

static bool read_config(const struct run *run, struct generate_spec *spec, struct error *err) {
    const json_t *source = get_any(run->parameters, "openssl_config");
    if (source == NULL)
        return true;
    auto_buf struct buf text;
    buf_init(&text, 0);
    if (!source_read(source, "/parameters/openssl_config", &text, err))
        return false;
    if (!config_read(buf_text(&text), text.length, &spec->config, err))
        return error_set_pointer(err, "/parameters/openssl_config");
    spec->cert.subject = spec->config.subject;
    return true;
}

static bool read_issuer(const struct run *run, struct generate_spec *spec, struct error *err) {
    const json_t *issuer = get_object(run->parameters, "issuer");
    if (issuer == NULL)
        return true;
    auto_buf struct buf text;
    buf_init(&text, 0);
    auto_secret struct secret *passphrase = NULL;
    if (!source_read_optional_secret(get_any(issuer, "passphrase"), "/parameters/issuer/passphrase", &passphrase, err))
        return false;
    auto_secret struct secret *pem =
        source_read_secret(get_any(issuer, "private_key"), "/parameters/issuer/private_key", err);
    if (pem == NULL)
        return false;
    spec->issuer_key = key_read_pem(secret_reveal(pem), secret_length(pem), passphrase, err);
    if (spec->issuer_key == NULL)
        return error_set_pointer(err, "/parameters/issuer/private_key");
    if (!source_read(get_any(issuer, "certificate"), "/parameters/issuer/certificate", &text, err))
        return false;
    struct chain *chain = &spec->issuer_chain;
    if (!chain_read_pem(buf_text(&text), text.length, spec->issuer_key, chain, err))
        return error_set_pointer(err, "/parameters/issuer/certificate");
    /* What is on no path from the issuer is none of the new certificate's chain; read back it could not be told from
     * it. */
    chain_drop_unrelated(chain);
    if (chain->count == CHAIN_MAX) {
        error_set(err, ERROR_INVALID_CERTIFICATE, "with the new leaf there are more than %d certificates", CHAIN_MAX);
        return error_set_pointer(err, "/parameters/issuer/certificate");
    }
    spec->issuer = chain->certs[0];
    X509_up_ref(spec->issuer);
    return true;
}

/* An issuer that ends early cuts the new certificate: then a window that fitted validity_days may not fit any more. */
static bool check_window(const struct generate_spec *spec, struct error *err) {
    if (spec->issuer == NULL || spec->renew_before_days < 0)
        return true;
    long long days = (long long)(cert_not_after(spec->issuer) - clock_now()) / 86400;
    if (days > spec->renew_before_days)
        return true;
    error_set(err, ERROR_RENEWAL_WINDOW_TOO_LONG,
              "the issuer ends in %lld days, which is not more than renew_before_days (%d)", days < 0 ? 0 : days,
              spec->renew_before_days);
    return error_set_pointer(err, "/parameters/renew_before_days");
}

static void take_scalars(const struct run *run, struct generate_spec *spec) {
    const json_t *parameters = run->parameters;
    static const char *const kinds[] = {"self_signed", "ca_signed", "request"};
    for (int kind = 0; kind < 3; kind++)
        if (strcmp(get_text(parameters, "kind", kinds[0]), kinds[kind]) == 0)
            spec->kind = (enum generate_kind)kind;
    spec->key_path = get_text(parameters, "key_path", NULL);
    spec->certificate_path = get_text(parameters, "certificate_path", NULL);
    spec->request_path = get_text(parameters, "request_path", NULL);
    spec->cert.digest = get_text(parameters, "digest", NULL);
    if (get_any(run->given, "digest") == NULL && spec->config.digest != NULL)
        spec->cert.digest = spec->config.digest;
    spec->cert.validity_days = (int)get_integer(parameters, "validity_days", 0);
    spec->renew_before_days = (int)get_integer(parameters, "renew_before_days", -1);
    spec->reuse_key = get_flag(parameters, "reuse_key", false);
    spec->backup = get_flag(parameters, "backup", false);
    const char *issued_after = get_text(parameters, "issued_after", NULL);
    spec->has_issued_after = issued_after != NULL && clock_parse(issued_after, &spec->issued_after);
}

bool generate_spec_read(struct run *run, struct generate_spec *ret_spec, struct error *err) {
    struct generate_spec *spec = ret_spec;
    if (!read_config(run, spec, err))
        return false;
    take_scalars(run, spec);
    take_subject(run->parameters, &spec->cert.subject);
    if (spec->cert.subject.common_name == NULL)
        return error_set(err, ERROR_INVALID_CONFIG,
                         "neither the request nor the openssl configuration has a common name");
    take_key(run, spec);
    if (!take_san(run, spec, err) || !read_issuer(run, spec, err) || !check_window(spec, err))
        return false;
    spec->cert.san = &spec->san;
    if (get_flag(run->parameters, "ip_as_dns", false)) {
        spec->cert.ip_as_dns = (const char *const *)spec->san.ip;
        spec->cert.ip_as_dns_count = spec->san.ip_count;
    }
    return true;
}

void generate_spec_done(struct generate_spec *spec) {
    san_done(&spec->san);
    X509_free(spec->issuer);
    chain_done(&spec->issuer_chain);
    EVP_PKEY_free(spec->issuer_key);
    config_done(&spec->config);
    *spec = (struct generate_spec){0};
}
