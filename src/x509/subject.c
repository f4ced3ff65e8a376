/* SPDX-License-Identifier: Apache-2.0 */
/* The subject of a certificate or request: made from its parts, and compared with them. */
#include "x509/subject.h"

#include <string.h>

#include "base/mem.h"
#include "x509/openssl.h"
#include "x509/text.h"

struct part {
    int nid;
    const char *text;
    const char *called;
    const char *limit;
};

static bool add_part(X509_NAME *name, const struct part *part, struct error *err) {
    if (part->text == NULL)
        return true;
    if (X509_NAME_add_entry_by_NID(name, part->nid, MBSTRING_UTF8, (const unsigned char *)part->text, -1, -1, 0) == 1)
        return true;
    return openssl_refused(err, ERROR_INVALID_VALUE,
                           "The %s \"%.200s\" cannot stand in a certificate: it must be UTF-8 of %s.", part->called,
                           part->text, part->limit);
}

X509_NAME *subject_make(const struct subject *subject, struct error *err) {
    const struct part parts[] = {
        {NID_countryName, subject->country, "country", "exactly two letters"},
        {NID_stateOrProvinceName, subject->state, "state", "1 to 128 characters"},
        {NID_localityName, subject->locality, "locality", "1 to 128 characters"},
        {NID_organizationName, subject->organization, "organization", "1 to 64 characters"},
        {NID_organizationalUnitName, subject->organizational_unit, "organizational unit", "1 to 64 characters"},
        {NID_commonName, subject->common_name, "common name", "1 to 64 characters"},
    };
    X509_NAME *name = X509_NAME_new();
    if (name == NULL) {
        openssl_failed(err, "making a subject");
        return NULL;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!add_part(name, &parts[i], err)) {
            X509_NAME_free(name);
            return NULL;
        }
    return name;
}

void subject_compare(const X509_NAME *name, const struct subject *subject, struct reasons *reasons) {
    auto_error struct error ignored = {0};
    X509_NAME *wanted = subject_make(subject, &ignored);
    auto_text char *now_text = text_from_name(name);
    auto_text char *wanted_text = wanted != NULL ? text_from_name(wanted) : NULL;
    X509_NAME_free(wanted);
    if (now_text == NULL || wanted_text == NULL || strcmp(now_text, wanted_text) != 0)
        reasons_add(reasons, "the subject is %s, not %s", now_text != NULL ? now_text : "unreadable",
                    wanted_text != NULL ? wanted_text : "what the request says");
}
