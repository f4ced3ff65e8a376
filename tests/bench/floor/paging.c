/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of import's search: `paging URL CA scanner|jansson` reads every page of a trust store over one
 * connection (user and password in BENCH_USER) and hashes each certificate. scanner: the bytes are looked at as they
 * come; jansson: page by page into a tree. */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 4 << 20, PEM_BYTES = 64 * 1024 };

static char page[PAGE_BYTES];
static size_t page_length;
static char cursor[256];
static size_t certificates;

static size_t keep(char *bytes, size_t size, size_t count, void *unused) {
    (void)unused;
    if (size * count >= sizeof page - page_length)
        return 0;
    memcpy(page + page_length, bytes, size * count);
    page_length += size * count;
    page[page_length] = '\0';
    return size * count;
}

/* Base64 without its line ends, then SHA-256 of what it stands for. */
static void hash_base64(const char *text, size_t length) {
    static unsigned char der[PEM_BYTES], digest[SHA256_DIGEST_LENGTH];
    int size = EVP_DecodeBlock(der, (const unsigned char *)text, (int)length);
    for (size_t i = length; i > 0 && text[i - 1] == '='; i--)
        size--;
    if (size > 0 && SHA256(der, (size_t)size, digest) != NULL)
        certificates++;
}

/* `text` begins after -----BEGIN CERTIFICATE-----, in JSON's escapes or as it is. */
static const char *hash_pem(const char *text, bool escaped) {
    static char flat[PEM_BYTES];
    size_t length = 0;
    for (; *text != '-' && *text != '\0' && length < sizeof flat; text++) {
        if (escaped && *text == '\\')
            text++;
        else if (*text != '\n' && *text != '\r')
            flat[length++] = *text;
    }
    hash_base64(flat, length);
    return text;
}

static void use_scanner(void) {
    static const char member[] = "\"pem_encoded\":\"-----BEGIN CERTIFICATE-----";
    const char *at = page;
    while ((at = strstr(at, member)) != NULL)
        at = hash_pem(at + strlen(member), true);
    const char *name = strstr(page, "\"cursor\"");
    cursor[0] = '\0';
    if (name != NULL)
        sscanf(name, "\"cursor\" : \"%255[^\"]", cursor);
}

static void use_jansson(void) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    json_t *tree = json_loadb(page, page_length, JSON_REJECT_DUPLICATES, NULL);
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(tree, "results"), i, entry) {
        const char *pem = json_string_value(json_object_get(entry, "pem_encoded"));
        const char *at = pem == NULL ? NULL : strstr(pem, begin);
        if (at != NULL)
            hash_pem(at + strlen(begin), false);
    }
    const char *next = json_string_value(json_object_get(tree, "cursor"));
    snprintf(cursor, sizeof cursor, "%s", next == NULL ? "" : next);
    json_decref(tree);
}

static bool read_page(CURL *curl, const char *url) {
    char whole[1024];
    char *escaped = curl_easy_escape(curl, cursor, 0);
    snprintf(whole, sizeof whole, "%s%s%s", url, cursor[0] == '\0' ? "" : "&cursor=", escaped);
    curl_free(escaped);
    page_length = 0;
    long status = 0;
    return curl_easy_setopt(curl, CURLOPT_URL, whole) == CURLE_OK && curl_easy_perform(curl) == CURLE_OK &&
           curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
}

int main(int argc, char *argv[]) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    const char *user = getenv("BENCH_USER");
    if (argc != 4 || user == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return 64;
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_CAINFO, argv[2]);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_USERPWD, user);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    bool tree = strcmp(argv[3], "jansson") == 0, ok;
    do {
        ok = read_page(curl, argv[1]);
        if (ok && tree)
            use_jansson();
        else if (ok)
            use_scanner();
    } while (ok && cursor[0] != '\0' && strncmp(cursor, "0000", 4) != 0);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    printf("%zu\n", certificates);
    return ok ? 0 : 1;
}
