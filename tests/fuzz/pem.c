/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, keys and requests as PEM: whatever is read must be describable, lintable and writable. */
#include "entry.h"
#include "x509/chain.h"
#include "x509/csr.h"
#include "x509/describe.h"
#include "x509/key.h"
#include "x509/lint.h"

static void read_chain(const char *text, size_t length, EVP_PKEY *key) {
    auto_error struct error err = {0};
    auto_chain struct chain chain = {0};
    auto_problems struct problems findings = {0};
    auto_buf struct buf out = {0};
    if (!chain_read_pem(text, length, key, &chain, &err))
        return;
    struct lint_subject subject = {.chain = &chain,
                                   .key = key,
                                   .scopes = LINT_CERTIFICATE | LINT_NAMES,
                                   .vip = "192.0.2.10",
                                   .vip_fqdn = "nsx.example.com",
                                   .common_name_is_address = true,
                                   .ca_signed_only = 1,
                                   .crl_checking = 1,
                                   .auto_renewal = 1};
    lint_check(&subject, &findings);
    json_decref(describe_chain(&chain));
    if (!chain_write_pem(&chain, &out))
        abort();
    auto_chain struct chain again = {0};
    if (out.length <= CHAIN_PEM_BYTES_MAX &&
        (!chain_read_pem(out.bytes, out.length, key, &again, &err) || again.extra_text))
        abort();
}

static EVP_PKEY *read_key(const char *text, size_t length) {
    auto_error struct error err = {0};
    auto_buf struct buf out = {0};
    auto_secret struct secret *word = secret_new("x", 1, false);
    EVP_PKEY *key = key_read_pem(text, length, word, &err);
    if (key != NULL)
        (void)!key_write_pem(key, &out);
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    auto_error struct error err = {0};
    auto_pkey EVP_PKEY *key = read_key((const char *)data, size);
    read_chain((const char *)data, size, key);
    auto_csr X509_REQ *csr = csr_read_pem((const char *)data, size, &err);
    if (csr != NULL) {
        auto_reasons struct reasons reasons = {0};
        struct cert_spec spec = {.subject = {.common_name = "nsx.example.com"}, .digest = "sha256"};
        csr_compare_spec(csr, &spec, &reasons);
    }
    return 0;
}
