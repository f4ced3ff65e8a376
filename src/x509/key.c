/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: generation, PEM in and out, what they are. */
#include "x509/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/mem.h"
#include "x509/openssl.h"
#include "x509/pem.h"

enum { KEY_PEM_BYTES_MAX = 16 * 1024, GROUP_NAME_SIZE = 80 };

EVP_PKEY *key_generate(const struct key_spec *spec, struct error *err) {
    EVP_PKEY *key = spec->ec ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", spec->curve)
                             : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)spec->bits);
    if (key == NULL)
        openssl_failed(err, "making a key");
    return key;
}

struct answer {
    const struct secret *passphrase;
    bool asked;
};

/* Answers OpenSSL's question for the passphrase; there is nobody to prompt. */
static int answer_passphrase(char *buffer, int size, int for_writing, void *user) {
    (void)for_writing;
    struct answer *answer = user;
    answer->asked = true;
    if (answer->passphrase == NULL || secret_length(answer->passphrase) > (size_t)size)
        return -1;
    size_t length = secret_length(answer->passphrase);
    memcpy(buffer, secret_reveal(answer->passphrase), length);
    return (int)length;
}

static bool find_block(const char *pem, size_t length, struct pem_block *ret_block, struct error *err) {
    struct pem_scan scan = pem_scan(pem, length);
    struct pem_block block;
    while (pem_next(&scan, &block))
        if (pem_is_private_key(&block)) {
            *ret_block = block;
            return true;
        }
    return error_set(err, ERROR_INVALID_PRIVATE_KEY, "There is no PEM block of a private key in the text.");
}

static bool is_named_curve(EVP_PKEY *key) {
    char group[GROUP_NAME_SIZE];
    int explicit_parameters = 0;
    size_t length;
    (void)EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters);
    return explicit_parameters == 0 && EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1;
}

static bool is_supported(EVP_PKEY *key) {
    return EVP_PKEY_is_a(key, "RSA") || (EVP_PKEY_is_a(key, "EC") && is_named_curve(key));
}

/* The usual form, by the kind of key it names: OpenSSL's PEM reader tries every decoder it has, at half as much again.
 * NULL when it is not that form; the reader then finds out what it is. */
static EVP_PKEY *decode_pkcs8(const struct pem_block *block) {
    auto_buf struct buf der = {0};
    const ASN1_OBJECT *kind = NULL;
    EVP_PKEY *key = NULL;
    if (!pem_label_is(block, "PRIVATE KEY") || !pem_decode(block, &der))
        return NULL;
    const unsigned char *at = (const unsigned char *)der.bytes;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.length);
    if (info != NULL && PKCS8_pkey_get0(&kind, NULL, NULL, NULL, info) == 1) {
        at = (const unsigned char *)der.bytes;
        key = d2i_PrivateKey(OBJ_obj2nid(kind), NULL, &at, (long)der.length);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    ERR_clear_error();
    return key;
}

static EVP_PKEY *decode(const struct pem_block *block, const struct secret *passphrase, struct error *err) {
    EVP_PKEY *key = decode_pkcs8(block);
    if (key != NULL)
        return key;
    auto_buf struct buf strict = {0};
    if (!pem_write_strict(block, &strict)) {
        openssl_refused(err, ERROR_INVALID_PRIVATE_KEY, "The block of the private key has no end.");
        return NULL;
    }
    auto_bio BIO *bio = BIO_new_mem_buf(strict.bytes, (int)strict.length);
    struct answer answer = {.passphrase = passphrase};
    key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, answer_passphrase, &answer) : NULL;
    if (key != NULL)
        return key;
    if (answer.asked)
        openssl_refused(err, ERROR_PASSPHRASE_WRONG,
                        passphrase != NULL ? "The private key cannot be decrypted with the passphrase given."
                                           : "The private key is encrypted and no passphrase is given.");
    else
        openssl_refused(err, ERROR_INVALID_PRIVATE_KEY, "The private key is damaged or of a kind that is not known.");
    return NULL;
}

EVP_PKEY *key_read_pem(const char *pem, size_t length, const struct secret *passphrase, struct error *err) {
    struct pem_block block;
    if (!find_block(pem, length, &block, err))
        return NULL;
    if (block.body_length > KEY_PEM_BYTES_MAX) {
        error_set(err, ERROR_INVALID_PRIVATE_KEY, "The private key is longer than 16 KiB.");
        return NULL;
    }
    auto_pkey EVP_PKEY *key = decode(&block, passphrase, err);
    if (key == NULL)
        return NULL;
    if (!is_supported(key)) {
        openssl_refused(err, ERROR_INVALID_PRIVATE_KEY, "The private key is neither RSA nor EC on a named curve.");
        return NULL;
    }
    ERR_clear_error();
    EVP_PKEY *taken = key;
    key = NULL;
    return taken;
}

bool key_write_pem(EVP_PKEY *key, struct buf *out) {
    auto_bio BIO *bio = BIO_new(BIO_s_mem());
    bool written = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                   openssl_bio_into(bio, out);
    ERR_clear_error();
    return written;
}

bool key_fits_spec(EVP_PKEY *key, const struct key_spec *spec) {
    const char *type;
    const char *curve;
    int bits;
    key_facts(key, &type, &bits, &curve);
    if (spec->ec)
        return strcmp(type, "ec") == 0 && curve != NULL && strcmp(curve, spec->curve) == 0;
    return strcmp(type, "rsa") == 0 && bits == spec->bits;
}

bool key_equal_public(EVP_PKEY *a, EVP_PKEY *b) {
    bool equal = a != NULL && b != NULL && EVP_PKEY_eq(a, b) == 1;
    ERR_clear_error();
    return equal;
}

static const char *curve_name(EVP_PKEY *key) {
    char group[GROUP_NAME_SIZE];
    size_t length;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1)
        return NULL;
    int nid = OBJ_txt2nid(group);
    const char *nist = EC_curve_nid2nist(nid);
    return nist != NULL ? nist : nid != NID_undef ? OBJ_nid2sn(nid) : NULL;
}

void key_facts(EVP_PKEY *key, const char **ret_type, int *ret_bits, const char **ret_curve) {
    const char *name = EVP_PKEY_get0_type_name(key);
    bool ec = EVP_PKEY_is_a(key, "EC");
    *ret_type = ec ? "ec" : EVP_PKEY_is_a(key, "RSA") ? "rsa" : name != NULL ? name : "unknown";
    *ret_bits = EVP_PKEY_get_bits(key);
    *ret_curve = ec ? curve_name(key) : NULL;
    ERR_clear_error();
}

bool key_public_sha256(EVP_PKEY *key, char ret_text[KEY_FINGERPRINT_SIZE]) {
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    bool done = length > 0 && key_spki_sha256(der, (size_t)length, ret_text);
    OPENSSL_free(der);
    ERR_clear_error();
    return done;
}

bool key_spki_sha256(const unsigned char *der, size_t length, char ret_text[KEY_FINGERPRINT_SIZE]) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    if (SHA256(der, length, digest) == NULL)
        return false;
    EVP_EncodeBlock((unsigned char *)ret_text, digest, sizeof digest);
    return true;
}
