/* SPDX-License-Identifier: Apache-2.0 */
/* Making a connection's handle: library set-up, fixed options, target, proxy, callbacks. */
#include "net/http_client.h"

#include <string.h>

#include "base/mem.h"
#include "net/proxy.h"
#include "net/totals.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or newer is needed (CURLOPT_PREREQFUNCTION)"
#endif

/* Managers close idle connections after 30 s: one that old is not used again, so that a write seldom meets a dead one.
 */
enum { IDLE_MAX_S = 20, BUFFER_BYTES = 64 * 1024 };

bool http_library_init(struct error *err) {
    /* Before libcurl: the first caller decides, and no stray openssl.cnf may change what strict means. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_alloc, mem_free, mem_realloc, mem_strdup, mem_calloc) != CURLE_OK)
        return error_set(err, mem_exhausted() ? ERROR_OUT_OF_MEMORY : ERROR_INTERNAL,
                         "libcurl could not be initialised");
    const char *tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
    if (tls == NULL || strncmp(tls, "OpenSSL/3", 9) != 0) {
        curl_global_cleanup();
        return error_set(err, ERROR_INTERNAL, "libcurl uses %s where OpenSSL 3 is needed",
                         tls == NULL ? "no TLS" : tls);
    }
    if (tls_library_init())
        return true;
    curl_global_cleanup();
    return error_set(err, ERROR_INTERNAL, "OpenSSL could not be initialised");
}

void http_library_done(void) {
    curl_global_cleanup();
}

const char *http_library_version(void) {
    return curl_version_info(CURLVERSION_NOW)->version;
}

static size_t on_head_line(char *line, size_t size, size_t count, void *context) {
    (void)size;
    struct http_client *client = context;
    return answer_add_line(&client->answer, line, count) ? count : CURL_WRITEFUNC_ERROR;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    (void)size;
    struct http_client *client = context;
    return answer_add_body(&client->answer, bytes, count) ? count : CURL_WRITEFUNC_ERROR;
}

/* libcurl calls this each time it is about to send, so what `sent` says is true. When a kept connection ends before any
 * byte of the answer, libcurl would send the same request again on a new one, although the peer may have acted on the
 * first. For a GET that is harmless and welcome; everything else is sent once at most, and the caller finds out what
 * became of it. */
static int before_sending(void *context, char *remote_ip, char *local_ip, int remote_port, int local_port) {
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    struct http_client *client = context;
    client->sent_twice = client->sent && strcmp(client->request->method, "GET") != 0;
    if (client->sent_twice || mem_exhausted())
        return CURL_PREREQFUNC_ABORT;
    client->sent = true;
    client->until = deadline_after_ms(client->options.request_timeout_ms);
    totals_count_request();
    return CURL_PREREQFUNC_OK;
}

static CURLcode on_tls_context(CURL *easy, void *tls_context, void *context) {
    (void)easy;
    struct http_client *client = context;
    client->handshake.begun = true;
    totals_count_connection();
    return tls_guard(tls_context, &client->handshake, &client->identity) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

static bool set_fixed_options(struct http_client *client) {
    static const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_HTTP09_ALLOWED, 0},
        {CURLOPT_PATH_AS_IS, 1},
        {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
        {CURLOPT_BUFFERSIZE, BUFFER_BYTES},
        {CURLOPT_MAXAGE_CONN, IDLE_MAX_S},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_SSL_SESSIONID_CACHE, 0},
        /* tls_guard() replaces the verdict; should it ever not be called, this one refuses everything: there is no CA.
         */
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 0},
        {CURLOPT_PROXYAUTH, CURLAUTH_BASIC},
        {CURLOPT_HTTPPROXYTUNNEL, 1},
    };
    CURL *easy = client->easy;
    bool ok = true;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && curl_easy_setopt(easy, numbers[i].option, numbers[i].value) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500
    ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
#else
    ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS) == CURLE_OK;
#endif
    /* Both, or libcurl loads the bundle it was built with: slow, and not asked for. */
    return ok && curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "nsxcert/" NSXCERT_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)client->options.connect_timeout_ms) == CURLE_OK;
}

static bool set_callbacks(struct http_client *client) {
    CURL *easy = client->easy;
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, client) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, client) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, client) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, client) == CURLE_OK;
}

static bool set_proxy(struct http_client *client) {
    const struct http_proxy *proxy = client->options.proxy;
    CURL *easy = client->easy;
    bool ok = curl_easy_setopt(easy, CURLOPT_NOPROXY, "") == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_PROXY, proxy == NULL ? "" : proxy->url) == CURLE_OK;
    if (!ok || proxy == NULL)
        return ok;
    ok = curl_easy_setopt(easy, CURLOPT_PROXYPORT, (long)client->first_hop_port) == CURLE_OK;
    if (!ok || proxy->username == NULL)
        return ok;
    const char *password = proxy->password == NULL ? "" : secret_reveal(proxy->password);
    return curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, proxy->username) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, password) == CURLE_OK;
}

static char *endpoint_text(const char *prefix, const char *host, int port) {
    return mem_printf(strchr(host, ':') == NULL ? "%s%s:%d" : "%s[%s]:%d", prefix, host, port);
}

bool http_client_append(struct curl_slist **list, const char *text) {
    struct curl_slist *longer = text == NULL ? NULL : curl_slist_append(*list, text);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool set_target(struct http_client *client) {
    const struct http_options *options = &client->options;
    const char *name = options->server_name != NULL ? options->server_name : options->host;
    client->authority = endpoint_text("", name, options->port);
    if (options->proxy == NULL) {
        snprintf(client->first_hop, sizeof client->first_hop, "%s", options->host);
        client->first_hop_port = options->port;
    }
    if (client->authority == NULL || options->server_name == NULL)
        return client->authority != NULL;
    auto_text char *redirect = endpoint_text("::", options->host, options->port);
    return http_client_append(&client->connect_to, redirect) &&
           curl_easy_setopt(client->easy, CURLOPT_CONNECT_TO, client->connect_to) == CURLE_OK;
}

static bool client_init(struct http_client *client, struct error *err) {
    const struct http_proxy *proxy = client->options.proxy;
    if (proxy != NULL && !proxy_split_url(proxy->url, client->first_hop, &client->first_hop_port))
        return error_set(err, ERROR_INVALID_VALUE, "the proxy's url is not of the form http://host:port");
    client->easy = curl_easy_init();
    if (client->easy == NULL || !set_target(client) || !set_fixed_options(client) || !set_callbacks(client) ||
        !set_proxy(client))
        return error_set(err, mem_exhausted() ? ERROR_OUT_OF_MEMORY : ERROR_INTERNAL, "libcurl refused an option");
    const char *certificate = client->options.client_certificate_pem;
    return certificate == NULL ||
           tls_identity_load(&client->identity, certificate, client->options.client_key_pem, err);
}

struct http_client *http_client_new(const struct http_options *options, struct error *err) {
    struct http_client *client = mem_calloc(1, sizeof *client);
    if (client == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a connection");
        return NULL;
    }
    client->options = *options;
    client->handshake.trust = options->trust;
    client->handshake.host = options->server_name != NULL ? options->server_name : options->host;
    if (client_init(client, err))
        return client;
    http_client_free(client);
    return NULL;
}

void http_client_drop_connection(struct http_client *client) {
    curl_multi_cleanup(client->multi);
    client->multi = NULL;
    curl_slist_free_all(client->addresses);
    client->addresses = NULL;
}

void http_client_free(struct http_client *client) {
    if (client == NULL)
        return;
    http_client_drop_connection(client);
    curl_easy_cleanup(client->easy);
    curl_slist_free_all(client->connect_to);
    tls_identity_done(&client->identity);
    X509_free(client->handshake.presented);
    mem_free(client->authority);
    mem_free(client);
}
