/* SPDX-License-Identifier: Apache-2.0 */
/* Host names to addresses without blocking: getaddrinfo() knows no time limit, so it runs in threads that may be left
 * behind. */
#include "net/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"

enum { STACK_BYTES = 256 * 1024 };

struct job {
    struct job *next;
    uint64_t tag;
    int port;
    struct resolve_result result;
    char host[];
};

struct queue {
    struct job *first;
    struct job **end;
};

/* Shared by its owner and its threads; the last to leave frees it, so that a look-up that hangs holds nobody up. */
struct resolver {
    pthread_mutex_t lock;
    struct queue waiting;
    struct queue finished;
    size_t threads;
    bool abandoned;
    int event_fd;
};

static void queue_init(struct queue *queue) {
    *queue = (struct queue){NULL, NULL};
    queue->end = &queue->first;
}

static void queue_push(struct queue *queue, struct job *job) {
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct job *queue_pop(struct queue *queue) {
    struct job *job = queue->first;
    if (job == NULL)
        return NULL;
    queue->first = job->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    return job;
}

static void queue_clear(struct queue *queue) {
    for (struct job *job = queue_pop(queue); job != NULL; job = queue_pop(queue))
        mem_free(job);
}

bool resolve_literal(const char *host, int port, struct resolve_address *ret_address) {
    struct resolve_address address = {0};
    if (inet_pton(AF_INET, host, &address.of.in.sin_addr) == 1) {
        address.length = sizeof address.of.in;
        address.of.in.sin_family = AF_INET;
        address.of.in.sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, host, &address.of.in6.sin6_addr) == 1) {
        address.length = sizeof address.of.in6;
        address.of.in6.sin6_family = AF_INET6;
        address.of.in6.sin6_port = htons((uint16_t)port);
    } else {
        return false;
    }
    *ret_address = address;
    return true;
}

void resolve_address_text(const struct resolve_address *address, char ret_text[INET6_ADDRSTRLEN]) {
    const void *bytes = address->of.any.sa_family == AF_INET ? (const void *)&address->of.in.sin_addr
                                                             : (const void *)&address->of.in6.sin6_addr;
    if (inet_ntop(address->of.any.sa_family, bytes, ret_text, INET6_ADDRSTRLEN) == NULL)
        ret_text[0] = '\0';
}

bool resolve_write_list(const struct resolve_result *found, struct buf *out) {
    for (size_t i = 0; i < found->count; i++) {
        char text[INET6_ADDRSTRLEN];
        resolve_address_text(&found->addresses[i], text);
        buf_printf(out, strchr(text, ':') == NULL ? "%s%s" : "%s[%s]", i == 0 ? "" : ",", text);
    }
    return !out->failed;
}

static void look_up(const char *host, int port, struct resolve_result *ret) {
    *ret = (struct resolve_result){.status = RESOLVE_FOUND};
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int code = getaddrinfo(host, service, &hints, &list);
    if (code != 0) {
        ret->status =
            code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY ? RESOLVE_NO_SUCH_NAME : RESOLVE_FAILED;
        ret->reason = ret->status == RESOLVE_NO_SUCH_NAME ? "the name does not exist" : "the name service failed";
        return;
    }
    for (struct addrinfo *item = list; item != NULL && ret->count < RESOLVE_ADDRESSES_MAX; item = item->ai_next) {
        if (item->ai_family != AF_INET && item->ai_family != AF_INET6)
            continue;
        struct resolve_address *address = &ret->addresses[ret->count++];
        address->length = item->ai_addrlen;
        memcpy(&address->of, item->ai_addr, item->ai_addrlen);
    }
    freeaddrinfo(list);
    if (ret->count == 0)
        *ret = (struct resolve_result){.status = RESOLVE_NO_SUCH_NAME, .reason = "the name has no IP address"};
}

/* Called with the lock held, which it gives up. */
static void leave(struct resolver *resolver) {
    bool last = resolver->abandoned && resolver->threads == 0;
    pthread_mutex_unlock(&resolver->lock);
    if (!last)
        return;
    queue_clear(&resolver->waiting);
    queue_clear(&resolver->finished);
    close(resolver->event_fd);
    pthread_mutex_destroy(&resolver->lock);
    mem_free(resolver);
}

static void *work(void *argument) {
    struct resolver *resolver = argument;
    pthread_mutex_lock(&resolver->lock);
    for (struct job *job = NULL; !resolver->abandoned && (job = queue_pop(&resolver->waiting)) != NULL;) {
        pthread_mutex_unlock(&resolver->lock);
        look_up(job->host, job->port, &job->result);
        pthread_mutex_lock(&resolver->lock);
        queue_push(&resolver->finished, job);
        (void)eventfd_write(resolver->event_fd, 1);
    }
    resolver->threads--;
    leave(resolver);
    return NULL;
}

/* Signals stay with the main thread: its waits must see them. */
static bool start_thread(struct resolver *resolver) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    bool started = pthread_create(&thread, &attributes, work, resolver) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

struct resolver *resolver_new(void) {
    struct resolver *resolver = mem_calloc(1, sizeof *resolver);
    if (resolver == NULL)
        return NULL;
    resolver->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (resolver->event_fd < 0 || pthread_mutex_init(&resolver->lock, NULL) != 0) {
        if (resolver->event_fd >= 0)
            close(resolver->event_fd);
        mem_free(resolver);
        return NULL;
    }
    queue_init(&resolver->waiting);
    queue_init(&resolver->finished);
    return resolver;
}

void resolver_free(struct resolver *resolver) {
    if (resolver == NULL)
        return;
    pthread_mutex_lock(&resolver->lock);
    resolver->abandoned = true;
    leave(resolver);
}

int resolver_fd(const struct resolver *resolver) {
    return resolver->event_fd;
}

bool resolver_submit(struct resolver *resolver, const char *host, int port, uint64_t tag) {
    size_t size = strlen(host) + 1;
    struct job *job = mem_alloc(sizeof *job + size);
    if (job == NULL)
        return false;
    *job = (struct job){.tag = tag, .port = port};
    memcpy(job->host, host, size);
    pthread_mutex_lock(&resolver->lock);
    bool served = resolver->threads == RESOLVE_THREADS_MAX || start_thread(resolver);
    if (served && resolver->threads < RESOLVE_THREADS_MAX)
        resolver->threads++;
    /* Without a new thread those at work will come to it. */
    served = served || resolver->threads > 0;
    if (served)
        queue_push(&resolver->waiting, job);
    pthread_mutex_unlock(&resolver->lock);
    if (!served)
        mem_free(job);
    return served;
}

bool resolver_next(struct resolver *resolver, uint64_t *ret_tag, struct resolve_result *ret) {
    pthread_mutex_lock(&resolver->lock);
    struct job *job = queue_pop(&resolver->finished);
    eventfd_t ignored;
    if (job == NULL)
        (void)eventfd_read(resolver->event_fd, &ignored);
    pthread_mutex_unlock(&resolver->lock);
    if (job == NULL)
        return false;
    *ret_tag = job->tag;
    *ret = job->result;
    mem_free(job);
    return true;
}

bool resolve_host(const char *host, int port, struct deadline deadline, struct resolve_result *ret) {
    struct resolve_result literal = {.status = RESOLVE_FOUND, .count = 1};
    if (resolve_literal(host, port, &literal.addresses[0])) {
        *ret = literal;
        return true;
    }
    auto_resolver struct resolver *resolver = resolver_new();
    if (resolver == NULL || !resolver_submit(resolver, host, port, 0))
        return false;
    struct pollfd waits[] = {{.fd = resolver_fd(resolver), .events = POLLIN}, {.fd = interrupt_fd(), .events = POLLIN}};
    uint64_t tag;
    while (!resolver_next(resolver, &tag, ret)) {
        int64_t left = deadline_left_ms(deadline);
        if (left == 0 || interrupt_signal() != 0) {
            *ret =
                (struct resolve_result){.status = RESOLVE_FAILED, .reason = "the name service did not answer in time"};
            return true;
        }
        (void)poll(waits, 2, left > 60000 ? 60000 : (int)left);
    }
    return true;
}
