/* SPDX-License-Identifier: Apache-2.0 */
/* What every TLS client connection here has in common: its limits, its verdict on the peer, and why a handshake failed.
 */
#include "net/tls.h"

#include <openssl/err.h>
#include <string.h>

#include "x509/key.h"

static int handshake_index = -1;

bool tls_library_init(void) {
    if (handshake_index < 0)
        handshake_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return handshake_index >= 0;
}

bool tls_limit(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

static int judge(X509_STORE_CTX *store_context, void *argument) {
    struct tls_handshake *handshake = argument;
    X509 *leaf = X509_STORE_CTX_get0_cert(store_context);
    if (leaf == NULL || X509_up_ref(leaf) != 1)
        return 0;
    X509_free(handshake->presented);
    handshake->presented = leaf;
    handshake->verdict =
        trust_judge(handshake->trust, leaf, X509_STORE_CTX_get0_untrusted(store_context), handshake->host);
    bool trusted = handshake->verdict.by != TRUST_NONE;
    X509_STORE_CTX_set_error(store_context, trusted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return trusted;
}

static const char *alert_text(int alert) {
    /* OpenSSL 3.0 has no words for this one. */
    return (alert & 0xFF) == SSL_AD_CERTIFICATE_REQUIRED ? "certificate required" : SSL_alert_desc_string_long(alert);
}

/* libcurl empties OpenSSL's error queue before anyone can look, so the reason is taken while it is made. */
static void watch(const SSL *ssl, int where, int result) {
    struct tls_handshake *handshake = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), handshake_index);
    if (handshake == NULL)
        return;
    if (where == SSL_CB_READ_ALERT && (result & 0xFF) == SSL_AD_CLOSE_NOTIFY)
        handshake->closed = true;
    else if (where == SSL_CB_READ_ALERT && result >> 8 == SSL3_AL_FATAL)
        handshake->alert = alert_text(result);
    if (where == SSL_CB_CONNECT_EXIT && result <= 0 && handshake->error == 0)
        handshake->error = ERR_peek_error();
}

bool tls_identity_load(struct tls_identity *identity, const char *certificate_pem, const struct secret *key_pem,
                       struct error *err) {
    const char *pem = key_pem == NULL ? "" : secret_reveal(key_pem);
    identity->key = key_read_pem(pem, strlen(pem), NULL, err);
    if (identity->key == NULL ||
        !chain_read_pem(certificate_pem, strlen(certificate_pem), identity->key, &identity->certificates, err))
        return false;
    if (X509_check_private_key(identity->certificates.certs[0], identity->key) == 1)
        return true;
    return error_set(err, ERROR_KEY_MISMATCH, "the client certificate and its key do not belong together");
}

void tls_identity_done(struct tls_identity *identity) {
    chain_done(&identity->certificates);
    EVP_PKEY_free(identity->key);
    identity->key = NULL;
}

static bool offer(SSL_CTX *context, const struct tls_identity *identity) {
    if (identity->key == NULL)
        return true;
    bool ok = SSL_CTX_use_certificate(context, identity->certificates.certs[0]) == 1 &&
              SSL_CTX_use_PrivateKey(context, identity->key) == 1;
    for (size_t i = 1; ok && i < identity->certificates.count; i++)
        ok = SSL_CTX_add1_chain_cert(context, identity->certificates.certs[i]) == 1;
    return ok;
}

bool tls_guard(SSL_CTX *context, struct tls_handshake *handshake, const struct tls_identity *identity) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, judge, handshake);
    SSL_CTX_set_info_callback(context, watch);
    return tls_limit(context) && SSL_CTX_set_ex_data(context, handshake_index, handshake) == 1 &&
           offer(context, identity);
}

bool tls_is_disconnect(unsigned long error) {
    return error == 0 || ERR_SYSTEM_ERROR(error) ||
           (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

const char *tls_reason(unsigned long error) {
    static const struct {
        int reason;
        const char *text;
    } rows[] = {
        {SSL_R_WRONG_VERSION_NUMBER, "no TLS is spoken there"},
        {SSL_R_HTTP_REQUEST, "no TLS is spoken there"},
        {SSL_R_PACKET_LENGTH_TOO_LONG, "no TLS is spoken there"},
        {SSL_R_UNSUPPORTED_PROTOCOL, "it speaks no TLS 1.2 or newer"},
        {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it speaks no TLS 1.2 or newer"},
        {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
         "it refused the handshake: no common cipher, or it wants a client certificate"},
        {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "it wants a client certificate"},
        {SSL_R_UNEXPECTED_EOF_WHILE_READING, "it closed the connection in the handshake"},
    };
    if (tls_is_disconnect(error) && ERR_GET_LIB(error) != ERR_LIB_SSL)
        return "the connection was reset in the handshake";
    for (size_t i = 0; ERR_GET_LIB(error) == ERR_LIB_SSL && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].reason == ERR_GET_REASON(error))
            return rows[i].text;
    const char *text = ERR_reason_error_string(error);
    return text != NULL ? text : "the handshake failed";
}
