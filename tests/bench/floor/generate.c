/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of generate, P-256. `generate first DIR`: a key, a certificate, two files, three fsync, two renames.
 * `generate second DIR`: both files read and parsed, and the public keys compared. */
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool add_extension(X509 *cert, X509V3_CTX *context, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool fill(X509 *cert, EVP_PKEY *key) {
    static const struct {
        int nid;
        const char *value;
    } extensions[] = {
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth"},
        {NID_subject_key_identifier, "hash"},
        {NID_subject_alt_name, "DNS:nsx.example.com,IP:192.0.2.10,IP:192.0.2.11,IP:192.0.2.12,IP:192.0.2.13"},
    };
    unsigned char serial[16];
    X509_NAME *name = X509_get_subject_name(cert);
    X509V3_CTX context;
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    bool ok = RAND_bytes(serial, sizeof serial) == 1 && X509_set_version(cert, 2) == 1;
    serial[0] &= 0x7F;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    ok = ok && number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    ok = ok &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"192.0.2.10", -1, -1, 0) == 1;
    ok = ok && X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, key) == 1;
    ok = ok && X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL;
    ok = ok && X509_time_adj_ex(X509_getm_notAfter(cert), 365, 0, NULL) != NULL;
    for (size_t i = 0; ok && i < sizeof extensions / sizeof extensions[0]; i++)
        ok = add_extension(cert, &context, extensions[i].nid, extensions[i].value);
    return ok && X509_sign(cert, key, EVP_sha256()) > 0;
}

static bool write_file(BIO *text, const char *path, mode_t mode) {
    char *bytes = NULL;
    long length = BIO_get_mem_data(text, &bytes);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool ok = fd >= 0 && write(fd, bytes, (size_t)length) == length && fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

static bool first(void) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *cert = X509_new();
    BIO *key_text = BIO_new(BIO_s_mem()), *cert_text = BIO_new(BIO_s_mem());
    bool ok = key != NULL && cert != NULL && fill(cert, key);
    ok = ok && PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) == 1;
    ok = ok && PEM_write_bio_X509(cert_text, cert) == 1;
    ok = ok && write_file(key_text, "key.new", 0600) && write_file(cert_text, "crt.new", 0644);
    ok = ok && rename("key.new", "floor.key") == 0 && rename("crt.new", "floor.crt") == 0;
    int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = ok && fsync(folder) == 0;
    close(folder);
    BIO_free(key_text);
    BIO_free(cert_text);
    X509_free(cert);
    EVP_PKEY_free(key);
    return ok;
}

static bool second(void) {
    BIO *key_text = BIO_new_file("floor.key", "r"), *cert_text = BIO_new_file("floor.crt", "r");
    EVP_PKEY *key = key_text == NULL ? NULL : PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);
    X509 *cert = cert_text == NULL ? NULL : PEM_read_bio_X509(cert_text, NULL, NULL, NULL);
    bool ok = key != NULL && cert != NULL && EVP_PKEY_eq(key, X509_get0_pubkey(cert)) == 1;
    ok = ok && X509_check_ip_asc(cert, "192.0.2.10", 0) == 1 && X509_cmp_time(X509_get0_notAfter(cert), NULL) > 0;
    BIO_free(key_text);
    BIO_free(cert_text);
    X509_free(cert);
    EVP_PKEY_free(key);
    return ok;
}

int main(int argc, char *argv[]) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (argc != 3 || chdir(argv[2]) != 0)
        return 64;
    return (strcmp(argv[1], "first") == 0 ? first() : second()) ? 0 : 1;
}
