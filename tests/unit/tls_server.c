/* SPDX-License-Identifier: Apache-2.0 */
/* A loopback TLS server in a thread of the test, with certificates made at run time and answers that are given byte by
 * byte. */
#include "tls_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 64 * 1024, HELD_MAX = 256, TICK_MS = 20 };

struct server {
    struct server_options options;
    SSL_CTX *context;
    int listeners[SERVER_LISTENERS_MAX];
    int held[HELD_MAX]; /* silent connections, kept open until the end */
    size_t held_count;
    pthread_t thread;
    atomic_bool stopping;
    atomic_size_t connections;
    atomic_size_t requests;
    char *texts[SERVER_REQUESTS_MAX];
};

static void must(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "tls_server: %s failed\n", what);
    abort();
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(cert, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

struct pair pair_make(const struct pair_spec *spec) {
    struct pair pair = {X509_new(), EVP_EC_gen("P-256")};
    must(pair.cert != NULL && pair.key != NULL, "a new certificate");
    X509_set_version(pair.cert, X509_VERSION_3);
    uint32_t serial;
    RAND_bytes((unsigned char *)&serial, sizeof serial);
    ASN1_INTEGER_set(X509_get_serialNumber(pair.cert), (long)serial + 1);
    X509_gmtime_adj(X509_getm_notBefore(pair.cert), spec->begin_s == 0 ? -60 : spec->begin_s);
    X509_gmtime_adj(X509_getm_notAfter(pair.cert), spec->end_s == 0 ? 86400 : spec->end_s);
    X509_NAME *name = X509_get_subject_name(pair.cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)spec->common_name, -1, -1, 0);
    X509 *issuer = spec->issuer == NULL ? pair.cert : spec->issuer->cert;
    X509_set_issuer_name(pair.cert, X509_get_subject_name(issuer));
    X509_set_pubkey(pair.cert, pair.key);
    add_extension(pair.cert, issuer, NID_basic_constraints, spec->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(pair.cert, issuer, NID_subject_key_identifier, "hash");
    const char *usage = spec->usage == NULL ? "serverAuth" : spec->usage;
    if (!spec->ca && *usage != '\0')
        add_extension(pair.cert, issuer, NID_ext_key_usage, usage);
    if (spec->san != NULL)
        add_extension(pair.cert, issuer, NID_subject_alt_name, spec->san);
    must(X509_sign(pair.cert, spec->issuer == NULL ? pair.key : spec->issuer->key, EVP_sha256()) > 0, "signing");
    return pair;
}

void pair_done(struct pair *pair) {
    X509_free(pair->cert);
    EVP_PKEY_free(pair->key);
    *pair = (struct pair){NULL, NULL};
}

static char *take_text(BIO *bio) {
    char *bytes;
    long length = BIO_get_mem_data(bio, &bytes);
    char *text = OPENSSL_strndup(bytes, (size_t)length);
    BIO_free(bio);
    return text;
}

char *pair_cert_pem(const struct pair *pair) {
    BIO *bio = BIO_new(BIO_s_mem());
    must(PEM_write_bio_X509(bio, pair->cert) == 1, "PEM of a certificate");
    return take_text(bio);
}

char *pair_key_pem(const struct pair *pair) {
    BIO *bio = BIO_new(BIO_s_mem());
    must(PEM_write_bio_PKCS8PrivateKey(bio, pair->key, NULL, NULL, 0, NULL, NULL) == 1, "PEM of a key");
    return take_text(bio);
}

/* A read that gives up when the test is over; <= 0 at the end of the connection. */
static int read_some(struct server *server, SSL *ssl, int fd, char *bytes, int size) {
    while (!atomic_load(&server->stopping)) {
        int got = ssl != NULL ? SSL_read(ssl, bytes, size) : (int)recv(fd, bytes, (size_t)size, 0);
        if (got > 0)
            return got;
        bool again = ssl != NULL ? SSL_get_error(ssl, got) == SSL_ERROR_WANT_READ : got < 0 && errno == EAGAIN;
        if (!again)
            return got;
    }
    return -1;
}

static bool write_all(SSL *ssl, int fd, const char *bytes, size_t length) {
    if (length == 0)
        return true;
    if (ssl != NULL)
        return SSL_write(ssl, bytes, (int)length) == (int)length;
    return send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* Reads a request with its body; NULL when the connection ended. */
static char *read_request(struct server *server, SSL *ssl, int fd) {
    char *text = calloc(1, REQUEST_BYTES + 1);
    size_t used = 0;
    size_t needed = 0;
    while (needed == 0 || used < needed) {
        int got = used < REQUEST_BYTES ? read_some(server, ssl, fd, text + used, (int)(REQUEST_BYTES - used)) : 0;
        if (got <= 0) {
            free(text);
            return NULL;
        }
        used += (size_t)got;
        const char *end = strstr(text, "\r\n\r\n");
        if (needed != 0 || end == NULL)
            continue;
        const char *length = strcasestr(text, "\r\nContent-Length:");
        needed = (size_t)(end + 4 - text) + (length == NULL ? 0 : strtoul(length + 17, NULL, 10));
    }
    return text;
}

static void reset(int fd) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void wait_for_end(struct server *server, SSL *ssl, int fd) {
    char ignored[256];
    while (read_some(server, ssl, fd, ignored, sizeof ignored) > 0)
        continue;
}

static void drip(struct server *server, SSL *ssl) {
    while (!atomic_load(&server->stopping) && write_all(ssl, -1, "x", 1))
        (void)poll(NULL, 0, TICK_MS);
}

/* True if the connection goes on. */
static bool send_reply(struct server *server, SSL *ssl, int fd, size_t number) {
    const struct reply *replies = server->options.replies;
    while (number > 0 && (number >= SERVER_REPLIES_MAX || replies[number].bytes == NULL))
        number--;
    const struct reply *reply = &replies[number];
    const char *bytes = reply->bytes == NULL ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" : reply->bytes;
    if (!write_all(ssl, fd, bytes, reply->length == 0 ? strlen(bytes) : reply->length))
        return false;
    if (reply->end == THEN_CLOSE)
        SSL_shutdown(ssl);
    if (reply->end == THEN_RESET)
        reset(fd);
    if (reply->end == THEN_HANG)
        wait_for_end(server, ssl, fd);
    if (reply->end == THEN_DRIP)
        drip(server, ssl);
    return reply->end == THEN_KEEP;
}

static bool serve_request(struct server *server, SSL *ssl, int fd) {
    char *text = read_request(server, ssl, fd);
    if (text == NULL)
        return false;
    size_t number = atomic_load(&server->requests);
    if (number < SERVER_REQUESTS_MAX)
        server->texts[number] = text;
    else
        free(text);
    atomic_store(&server->requests, number + 1);
    return send_reply(server, ssl, fd, number);
}

static bool shake_hands(struct server *server, SSL *ssl) {
    while (!atomic_load(&server->stopping)) {
        int result = SSL_accept(ssl);
        if (result == 1)
            return true;
        if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ)
            return false;
    }
    return false;
}

static void serve_tls(struct server *server, int fd) {
    SSL *ssl = SSL_new(server->context);
    /* The allocator that a test lets fail is this thread's, too. */
    if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && shake_hands(server, ssl))
        while (serve_request(server, ssl, fd))
            continue;
    SSL_free(ssl);
}

static void serve(struct server *server, int fd, enum serve how) {
    struct timeval tick = {.tv_usec = TICK_MS * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
    atomic_fetch_add(&server->connections, 1);
    if (how == SERVE_SILENT && server->held_count < HELD_MAX) {
        server->held[server->held_count++] = fd;
        return;
    }
    if (how == SERVE_RESET)
        reset(fd);
    if (how == SERVE_PLAIN) {
        write_all(NULL, fd, "220 mail.example ESMTP\r\n", 24);
        wait_for_end(server, NULL, fd);
    }
    if (how == SERVE_TLS || (how == SERVE_PROXY && serve_request(server, NULL, fd)))
        serve_tls(server, fd);
    close(fd);
}

static void *run(void *argument) {
    struct server *server = argument;
    struct pollfd waits[SERVER_LISTENERS_MAX];
    size_t count = server->options.listeners;
    for (size_t i = 0; i < count; i++)
        waits[i] = (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
    while (!atomic_load(&server->stopping)) {
        (void)poll(waits, count, TICK_MS);
        for (size_t i = 0; i < count; i++) {
            int fd = waits[i].revents == 0 ? -1 : accept4(waits[i].fd, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0)
                serve(server, fd,
                      server->options.serve_of == NULL ? server->options.serve : server->options.serve_of(i));
        }
    }
    OPENSSL_thread_stop();
    return NULL;
}

void server_address(size_t listener, char ret_text[64]) {
    snprintf(ret_text, 64, listener == 0 ? "127.0.0.1" : "127.1.0.%zu", listener + 1);
}

static int listen_on(const char *text) {
    struct sockaddr_storage address = {0};
    struct sockaddr_in *in = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;
    bool v4 = inet_pton(AF_INET, text, &in->sin_addr) == 1;
    must(v4 || inet_pton(AF_INET6, text, &in6->sin6_addr) == 1, text);
    address.ss_family = v4 ? AF_INET : AF_INET6;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&address, v4 ? sizeof *in : sizeof *in6) == 0 && listen(fd, 64) == 0,
         text);
    return fd;
}

struct server *server_start(const struct server_options *options) {
    signal(SIGPIPE, SIG_IGN);
    struct server *server = calloc(1, sizeof *server);
    must(server != NULL, "memory");
    server->options = *options;
    if (server->options.listeners == 0)
        server->options.listeners = 1;
    SSL_CTX *context = server->context = SSL_CTX_new(TLS_server_method());
    must(context != NULL, "SSL_CTX_new");
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_max_proto_version(context, options->version_max);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    if (options->pair != NULL)
        must(SSL_CTX_use_certificate(context, options->pair->cert) == 1 &&
                 SSL_CTX_use_PrivateKey(context, options->pair->key) == 1,
             "certificate");
    if (options->extra != NULL)
        must(SSL_CTX_add1_chain_cert(context, options->extra->cert) == 1, "chain");
    if (options->client_ca != NULL) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        must(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options->client_ca) == 1, "client CA");
    }
    for (size_t i = 0; i < server->options.listeners; i++) {
        char address[64];
        server_address(i, address);
        server->listeners[i] = listen_on(i == 0 && options->address != NULL ? options->address : address);
    }
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    must(pthread_create(&server->thread, NULL, run, server) == 0, "thread");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return server;
}

void server_stop(struct server *server) {
    atomic_store(&server->stopping, true);
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < server->options.listeners; i++)
        close(server->listeners[i]);
    for (size_t i = 0; i < server->held_count; i++)
        close(server->held[i]);
    for (size_t i = 0; i < SERVER_REQUESTS_MAX; i++)
        free(server->texts[i]);
    SSL_CTX_free(server->context);
    free(server);
}

int server_port(const struct server *server, size_t listener) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    must(getsockname(server->listeners[listener], (struct sockaddr *)&address, &length) == 0, "getsockname");
    return ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                              : ((struct sockaddr_in6 *)&address)->sin6_port);
}

size_t server_requests(struct server *server) {
    return atomic_load(&server->requests);
}

size_t server_connections(struct server *server) {
    return atomic_load(&server->connections);
}

const char *server_request(struct server *server, size_t index) {
    return index < SERVER_REQUESTS_MAX && server->texts[index] != NULL ? server->texts[index] : "";
}
