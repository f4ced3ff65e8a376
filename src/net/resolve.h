/* SPDX-License-Identifier: Apache-2.0 */
/* Host names to addresses without blocking: getaddrinfo() knows no time limit, so it runs in threads that may be left
 * behind. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"

enum { RESOLVE_ADDRESSES_MAX = 8, RESOLVE_THREADS_MAX = 8 };

struct resolve_address {
    socklen_t length;
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } of;
};

enum resolve_status {
    RESOLVE_FOUND,
    RESOLVE_NO_SUCH_NAME, /* the name service says that it does not exist */
    RESOLVE_FAILED,       /* the name service failed or did not answer: trying again may help */
};

struct resolve_result {
    enum resolve_status status;
    const char *reason; /* static; NULL when found */
    size_t count;
    struct resolve_address addresses[RESOLVE_ADDRESSES_MAX]; /* in the system's order of preference */
};

/* True if `host` is an IP literal (no brackets): then the address, without asking anyone. */
bool resolve_literal(const char *host, int port, struct resolve_address *ret_address);

/* "192.0.2.1" or "2001:db8::1" of an address, without the port. */
void resolve_address_text(const struct resolve_address *address, char ret_text[INET6_ADDRSTRLEN]);

/* Appends the addresses in the form libcurl takes them: "192.0.2.1,[2001:db8::1]". False when memory ran out. */
bool resolve_write_list(const struct resolve_result *found, struct buf *out) NODISCARD;

/* Looks up one name (or literal) and waits for it until the deadline or a signal (then RESOLVE_FAILED). False when
 * memory or threads ran out. */
bool resolve_host(const char *host, int port, struct deadline deadline, struct resolve_result *ret) NODISCARD;

/* Many look-ups at once, at most RESOLVE_THREADS_MAX in work. */
struct resolver;
struct resolver *resolver_new(void);

/* Abandons what is not done; a thread still waiting for the name service ends by itself. Takes NULL. */
void resolver_free(struct resolver *resolver);

/* Readable (poll) while resolver_next() has something. */
int resolver_fd(const struct resolver *resolver);

/* Queues a look-up; `tag` comes back with its result. False when memory or threads ran out. */
bool resolver_submit(struct resolver *resolver, const char *host, int port, uint64_t tag) NODISCARD;

/* Takes one finished look-up; false when there is none now. */
bool resolver_next(struct resolver *resolver, uint64_t *ret_tag, struct resolve_result *ret);

static inline void auto_resolver_cleanup(struct resolver **resolver) {
    resolver_free(*resolver);
}
#define auto_resolver AUTO(resolver)

#endif
