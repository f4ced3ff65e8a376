/* SPDX-License-Identifier: Apache-2.0 */
/* One bounded HTTPS request at a time over one kept-alive connection (libcurl, HTTP/1.1). */
#include "net/http.h"

#include <string.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/encode.h"
#include "net/http_client.h"
#include "net/outcome.h"
#include "net/resolve.h"

static bool add_header(struct curl_slist **list, const char *name, const char *value) {
    if (value == NULL)
        return true;
    auto_text char *line = mem_printf("%s: %s", name, value);
    return http_client_append(list, line);
}

static const char *reveal(const struct secret *secret) {
    return secret == NULL ? NULL : secret_reveal(secret);
}

static bool make_headers(const struct http_request *request, struct curl_slist **ret_list) {
    /* Without its value libcurl leaves a header of its own out. */
    return http_client_append(ret_list, "Expect:") &&
           (request->content_type != NULL || http_client_append(ret_list, "Content-Type:")) &&
           http_client_append(ret_list, "Accept: application/json, */*;q=0.5") &&
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
    return (resolve_write_list(&found, &entry) && http_client_append(&client->addresses, buf_text(&entry))) ||
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
