/* SPDX-License-Identifier: Apache-2.0 */
/* One bounded HTTPS request at a time over one kept-alive connection (libcurl, HTTP/1.1). The only file that sees
 * libcurl. */
#include "net/http.h"

#include <curl/curl.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/answer.h"
#include "net/encode.h"
#include "net/outcome.h"
#include "net/proxy.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "net/totals.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or newer is needed (CURLOPT_PREREQFUNCTION)"
#endif

/* Managers close idle connections after 30 s: one that old is not used again, so that a write seldom meets a dead one.
 */
enum { IDLE_MAX_S = 20, BUFFER_BYTES = 64 * 1024 };

struct http_client {
    struct http_options options;
    char *authority;                /* host:port of URL and Host header */
    char first_hop[NAME_HOST_SIZE]; /* who is connected to: the proxy, or the host */
    int first_hop_port;
    CURL *easy;
    CURLM *multi; /* holds the kept connection; NULL: none */
    struct curl_slist *connect_to;
    struct curl_slist *addresses; /* of first_hop; NULL: to be looked up, or an IP literal */
    struct tls_identity identity;
    struct tls_handshake handshake;
    /* Of the request under way: */
    const struct http_request *request;
    struct answer answer;
    struct deadline until; /* of connecting, then of the request */
    bool sent;
    bool sent_twice; /* libcurl wanted to send it again, which was refused */
};

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
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)client->options.connect_timeout_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, client) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, client) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, client) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, client) == CURLE_OK;
}

/* An empty string, unlike NULL, keeps libcurl from reading the proxy variables of the environment. */
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

static bool append(struct curl_slist **list, const char *text) {
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
    return append(&client->connect_to, redirect) &&
           curl_easy_setopt(client->easy, CURLOPT_CONNECT_TO, client->connect_to) == CURLE_OK;
}

static bool client_init(struct http_client *client, struct error *err) {
    const struct http_proxy *proxy = client->options.proxy;
    if (proxy != NULL && !proxy_split_url(proxy->url, client->first_hop, &client->first_hop_port))
        return error_set(err, ERROR_INVALID_VALUE, "the proxy's url is not of the form http://host:port");
    client->easy = curl_easy_init();
    if (client->easy == NULL || !set_target(client) || !set_fixed_options(client) || !set_proxy(client))
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

static bool add_header(struct curl_slist **list, const char *name, const char *value) {
    if (value == NULL)
        return true;
    auto_text char *line = mem_printf("%s: %s", name, value);
    return append(list, line);
}

static const char *reveal(const struct secret *secret) {
    return secret == NULL ? NULL : secret_reveal(secret);
}

static bool make_headers(const struct http_request *request, struct curl_slist **ret_list) {
    /* Without its value libcurl leaves a header of its own out. */
    return append(ret_list, "Expect:") && (request->content_type != NULL || append(ret_list, "Content-Type:")) &&
           append(ret_list, "Accept: application/json, */*;q=0.5") &&
           add_header(ret_list, "Content-Type", request->content_type) &&
           add_header(ret_list, "Authorization", reveal(request->authorization)) &&
           add_header(ret_list, "Cookie", reveal(request->cookie)) &&
           add_header(ret_list, "X-XSRF-TOKEN", reveal(request->xsrf_token));
}

static bool set_request(struct http_client *client, const struct http_request *request, struct curl_slist *headers) {
    CURL *easy = client->easy;
    auto_text char *url = mem_printf("https://%s%s", client->authority, request->path);
    bool has_body = request->body != NULL || strcmp(request->method, "GET") != 0;
    const char *body = request->body == NULL ? "" : secret_reveal(request->body);
    curl_off_t length = request->body == NULL ? 0 : (curl_off_t)secret_length(request->body);
    bool ok = url != NULL && curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_RESOLVE, client->addresses) == CURLE_OK;
    if (ok && has_body)
        ok = curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length) == CURLE_OK;
    else if (ok)
        ok = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return ok && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

/* libcurl's own look-up can block past any deadline, so it gets the addresses. False: `ret` says why. */
static bool find_addresses(struct http_client *client, struct deadline deadline, struct http_response *ret) {
    struct resolve_address literal;
    if (client->addresses != NULL || resolve_literal(client->first_hop, 0, &literal))
        return true;
    struct resolve_result found;
    struct deadline until = deadline_within_ms(deadline, client->options.connect_timeout_ms);
    if (!resolve_host(client->first_hop, client->first_hop_port, until, &found))
        return outcome_set(ret, HTTP_UNREACHABLE, "no memory or thread for the look-up of the name");
    if (found.status != RESOLVE_FOUND && outcome_stop(deadline, ret))
        return false;
    if (found.status != RESOLVE_FOUND && client->options.proxy != NULL)
        return outcome_set(ret, HTTP_PROXY_FAILED, found.reason);
    if (found.status != RESOLVE_FOUND)
        return outcome_set(ret, found.status == RESOLVE_NO_SUCH_NAME ? HTTP_UNRESOLVED : HTTP_UNREACHABLE,
                           found.reason);
    auto_buf struct buf entry = {0};
    buf_printf(&entry, "%s:%d:", client->first_hop, client->first_hop_port);
    return (resolve_write_list(&found, &entry) && append(&client->addresses, buf_text(&entry))) ||
           outcome_set(ret, HTTP_UNCLEAR, "no memory was left");
}

enum ending { ENDED, TIMED_OUT, STOPPED };

/* Drives the transfer; ENDED: `ret_code` is libcurl's result. */
static enum ending drive(struct http_client *client, struct deadline deadline, CURLcode *ret_code) {
    for (;;) {
        int running = 0;
        int queued = 0;
        if (curl_multi_perform(client->multi, &running) != CURLM_OK)
            return ENDED;
        const CURLMsg *message = running > 0 ? NULL : curl_multi_info_read(client->multi, &queued);
        if (message != NULL)
            *ret_code = message->data.result;
        if (running == 0)
            return ENDED;
        if (interrupt_signal() != 0 || deadline_passed(deadline))
            return STOPPED;
        int64_t left = deadline_left_ms(deadline_within_ms(deadline, deadline_left_ms(client->until)));
        if (deadline_passed(client->until))
            return TIMED_OUT;
        struct curl_waitfd wake = {.fd = interrupt_fd(), .events = CURL_WAIT_POLLIN};
        curl_multi_poll(client->multi, &wake, wake.fd < 0 ? 0 : 1, left > 60000 ? 60000 : (int)left, NULL);
    }
}

static const char *code_text(CURLcode code) {
    static const struct {
        CURLcode code;
        const char *text;
    } rows[] = {
        {CURLE_COULDNT_CONNECT, "the connection was refused or there is no route"},
        {CURLE_OPERATION_TIMEDOUT, "nothing answered in time"},
        {CURLE_GOT_NOTHING, "the connection was closed without an answer"},
        {CURLE_PARTIAL_FILE, "the answer's body was cut"},
        {CURLE_RECV_ERROR, "the connection was reset or cut"},
        {CURLE_SEND_ERROR, "the connection was reset while sending"},
        {CURLE_UNSUPPORTED_PROTOCOL, "the answer is not HTTP/1.1"},
        {CURLE_WEIRD_SERVER_REPLY, "the answer is not HTTP/1.1"},
        {CURLE_PROXY, "the proxy refused the connection"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].text;
    return curl_easy_strerror(code);
}

static bool transfer(struct http_client *client, struct deadline deadline, struct http_response *ret) {
    if (client->multi == NULL)
        client->multi = curl_multi_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    enum ending ending = ENDED;
    if (client->multi != NULL && curl_multi_add_handle(client->multi, client->easy) == CURLM_OK) {
        ending = drive(client, deadline, &code);
        curl_multi_remove_handle(client->multi, client->easy);
    }
    ret->sent = client->sent;
    ret->presented = client->handshake.presented;
    client->handshake.presented = NULL;
    ret->trust = client->handshake.verdict;
    /* What stopped it stays true: neither a signal nor a deadline goes away. */
    if (ending == STOPPED && outcome_stop(deadline, ret))
        return false;
    long proxy_status = 0;
    curl_easy_getinfo(client->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    struct outcome_facts facts = {.timed_out = ending == TIMED_OUT || code == CURLE_OPERATION_TIMEDOUT,
                                  .ended_well = ending == ENDED && code == CURLE_OK,
                                  .sent_twice = client->sent_twice,
                                  .words = code_text(code),
                                  .through_proxy = client->options.proxy != NULL,
                                  .proxy_status = proxy_status,
                                  .handshake = &client->handshake,
                                  .answer = &client->answer};
    return outcome_judge(&facts, ret);
}

static bool begin_request(struct http_client *client, const struct http_request *request, struct http_response *ret) {
    *ret = (struct http_response){.outcome = HTTP_UNCLEAR, .retry_after_s = -1};
    client->request = request;
    client->sent = client->sent_twice = false;
    client->until = deadline_after_ms(client->options.connect_timeout_ms);
    X509_free(client->handshake.presented);
    client->handshake = (struct tls_handshake){.trust = client->handshake.trust, .host = client->handshake.host};
    answer_init(&client->answer, ret, client->options.body_limit);
    if (mem_exhausted())
        return false;
    return encode_is_clean(request) ||
           outcome_set(ret, HTTP_UNCLEAR, "the request holds a control character and was not sent");
}

bool http_send(struct http_client *client, const struct http_request *request, struct deadline deadline,
               struct http_response *ret) {
    struct curl_slist *headers = NULL;
    bool ready = begin_request(client, request, ret) && !outcome_stop(deadline, ret) &&
                 find_addresses(client, deadline, ret) && make_headers(request, &headers) &&
                 set_request(client, request, headers);
    if (ready && !transfer(client, deadline, ret))
        http_client_drop_connection(client);
    curl_slist_free_all(headers);
    log_debug("http: %s https://%s%s -> %d, %zu bytes%s%s", request->method, client->authority, request->path,
              ret->status, ret->body.length, ret->reason == NULL ? "" : ", ", ret->reason == NULL ? "" : ret->reason);
    if (!mem_exhausted())
        return true;
    ret->outcome = HTTP_UNCLEAR;
    return false;
}
