/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of verify: `handshake ENDPOINTS CA CONCURRENCY` makes a TLS handshake with every HOST:PORT of a file,
 * checks chain and address, hashes the leaf and closes in order. One thread, epoll, one SSL_CTX. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct probe {
    int fd;
    SSL *ssl;
    char host[64];
    bool closing;
};

static int poller;
static SSL_CTX *context;
static size_t running, good;

static void watch(struct probe *probe, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = probe};
    epoll_ctl(poller, operation, probe->fd, &event);
}

static void finish(struct probe *probe) {
    SSL_free(probe->ssl);
    close(probe->fd);
    free(probe);
    running--;
}

static void begin(const char *line) {
    struct probe *probe = calloc(1, sizeof *probe);
    int port = 0;
    if (probe == NULL || sscanf(line, "%63[^:]:%d", probe->host, &port) != 2)
        exit(1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, probe->host, &address.sin_addr);
    probe->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connect(probe->fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        exit(1);
    running++;
    watch(probe, EPOLL_CTL_ADD, EPOLLOUT);
}

/* After the verdict: close_notify, FIN, and wait for the peer's end. */
static void conclude(struct probe *probe) {
    unsigned char digest[32];
    X509 *leaf = SSL_get0_peer_certificate(probe->ssl);
    good += leaf != NULL && X509_digest(leaf, EVP_sha256(), digest, NULL) == 1 &&
            SSL_get_verify_result(probe->ssl) == X509_V_OK;
    SSL_shutdown(probe->ssl);
    shutdown(probe->fd, SHUT_WR);
    probe->closing = true;
    watch(probe, EPOLL_CTL_MOD, EPOLLIN);
}

static void proceed(struct probe *probe) {
    char rest[4096];
    if (probe->closing) {
        if (read(probe->fd, rest, sizeof rest) <= 0)
            finish(probe);
        return;
    }
    if (probe->ssl == NULL) {
        probe->ssl = SSL_new(context);
        SSL_set_fd(probe->ssl, probe->fd);
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(probe->ssl), probe->host);
    }
    int result = SSL_connect(probe->ssl);
    int why = result == 1 ? SSL_ERROR_NONE : SSL_get_error(probe->ssl, result);
    if (why == SSL_ERROR_NONE)
        conclude(probe);
    else if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        watch(probe, EPOLL_CTL_MOD, why == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
    else
        finish(probe);
}

int main(int argc, char *argv[]) {
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    FILE *list = argc == 4 ? fopen(argv[1], "r") : NULL;
    context = SSL_CTX_new(TLS_client_method());
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (list == NULL || SSL_CTX_load_verify_file(context, argv[2]) != 1)
        return 64;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    size_t most = strtoul(argv[3], NULL, 10), all = 0;
    char line[128];
    bool more = true;
    while (more || running > 0) {
        while (more && running < most && (more = fgets(line, sizeof line, list) != NULL)) {
            begin(line);
            all++;
        }
        struct epoll_event events[64];
        int count = epoll_wait(poller, events, 64, 10000);
        for (int i = 0; i < count; i++)
            proceed(events[i].data.ptr);
    }
    SSL_CTX_free(context);
    fclose(list);
    printf("%zu of %zu\n", good, all);
    return good == all ? 0 : 1;
}
