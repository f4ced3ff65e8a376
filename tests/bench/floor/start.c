/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of a start: nsxcert's libraries are loaded and linked, nothing is called. */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/ssl.h>

int main(void) {
    CURL *(*volatile curl)(void) = curl_easy_init;
    json_t *(*volatile json)(void) = json_object;
    SSL *(*volatile ssl)(SSL_CTX *) = SSL_new;
    return curl == NULL || json == NULL || ssl == NULL;
}
