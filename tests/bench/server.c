/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS server for measuring clients: `server CERT KEY COUNT SECONDS ENDPOINTS` listens on COUNT ports of 127.0.0.1,
 * writes them to the file ENDPOINTS (127.0.0.1:PORT a line), says "ready", makes handshakes and reads until the client
 * closes. It ends when stdin does, at latest after SECONDS, and then tells what it counted. One thread, epoll. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listener has no ssl; stdin has the descriptor 0. */
struct peer {
    int fd;
    SSL *ssl;
    bool done; /* the handshake */
};

static int poller;
static SSL_CTX *context;
static unsigned long long handshakes, bytes_in, bytes_out;

static void watch(struct peer *peer, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    epoll_ctl(poller, operation, peer->fd, &event);
}

static struct peer *peer_new(int fd, SSL *ssl) {
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL || fd < 0)
        exit(1);
    *peer = (struct peer){.fd = fd, .ssl = ssl};
    watch(peer, EPOLL_CTL_ADD, EPOLLIN);
    return peer;
}

static void listen_once(FILE *endpoints) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        exit(1);
    fprintf(endpoints, "127.0.0.1:%d\n", ntohs(address.sin_port));
    peer_new(fd, NULL);
}

static void accept_all(const struct peer *listener) {
    int fd;
    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        SSL *ssl = SSL_new(context);
        SSL_set_fd(ssl, fd);
        SSL_set_accept_state(ssl);
        peer_new(fd, ssl);
    }
}

static void finish(struct peer *peer) {
    handshakes += peer->done;
    bytes_in += BIO_number_read(SSL_get_rbio(peer->ssl));
    bytes_out += BIO_number_written(SSL_get_wbio(peer->ssl));
    SSL_free(peer->ssl);
    close(peer->fd);
    free(peer);
}

static void proceed(struct peer *peer) {
    char bytes[1024];
    int result = peer->done ? SSL_read(peer->ssl, bytes, sizeof bytes) : SSL_do_handshake(peer->ssl);
    if (!peer->done && result == 1) {
        peer->done = true;
        result = SSL_read(peer->ssl, bytes, sizeof bytes);
    }
    int why = result > 0 ? SSL_ERROR_NONE : SSL_get_error(peer->ssl, result);
    if (why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ)
        watch(peer, EPOLL_CTL_MOD, why == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
    else if (why != SSL_ERROR_NONE)
        finish(peer);
}

static bool turn(void) {
    struct epoll_event events[64];
    int count = epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < count; i++) {
        struct peer *peer = events[i].data.ptr;
        if (peer->fd == STDIN_FILENO)
            return false;
        if (peer->ssl == NULL)
            accept_all(peer);
        else
            proceed(peer);
    }
    return true;
}

int main(int argc, char *argv[]) {
    if (argc != 6)
        return 64;
    alarm((unsigned)strtoul(argv[4], NULL, 10));
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    context = SSL_CTX_new(TLS_server_method());
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1)
        return 64;
    FILE *endpoints = fopen(argv[5], "w");
    for (unsigned long i = strtoul(argv[3], NULL, 10); endpoints != NULL && i > 0; i--)
        listen_once(endpoints);
    if (endpoints == NULL || fclose(endpoints) != 0)
        return 1;
    peer_new(STDIN_FILENO, NULL);
    puts("ready");
    fflush(stdout);
    while (turn()) {}
    printf("handshakes %llu in %llu out %llu\n", handshakes, bytes_in, bytes_out);
    return 0;
}
