/* SPDX-License-Identifier: Apache-2.0 */
/* What endpoints serve: many TLS handshakes at once in one thread, no credentials, nothing verified, everything
 * reported. */
#include "net/probe.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"
#include "net/probe_conn.h"
#include "net/proxy.h"
#include "net/resolve.h"

enum { CONCURRENCY_DEFAULT = 256, SPARE_DESCRIPTORS = 32, EVENTS_MAX = 64, DRAIN_MS = 1000, PARK_MS = 50 };

enum slot_state { SLOT_FREE, SLOT_RESOLVING, SLOT_PARKED, SLOT_TALKING, SLOT_DRAINING };

/* One endpoint under way. Free slots are linked by `next_free`. */
struct slot {
    enum slot_state state;
    uint32_t generation; /* tells events of an earlier use apart */
    size_t target;
    size_t next_free;
    struct deadline end;   /* of the endpoint */
    struct deadline until; /* of what it waits for now */
    struct resolve_result found;
    size_t address; /* the one being tried */
    struct conn conn;
};

struct probe {
    const struct probe_target *targets;
    size_t count;
    size_t next; /* target to begin with next */
    int timeout_ms;
    struct conn_shared shared;
    struct resolve_result proxy_found;
    struct resolver *resolver;
    int epoll_fd;
    struct slot *slots;
    size_t slot_count;
    size_t free_slot; /* slot_count: none */
    size_t busy;
    struct deadline wake; /* no slot's `until` is earlier */
    void (*done)(void *context, size_t index, const struct probe_result *result);
    void *context;
};

static const uint64_t INTERRUPT_TAG = UINT64_MAX;
static const uint64_t RESOLVER_TAG = UINT64_MAX - 1;

static uint64_t slot_tag(const struct probe *probe, const struct slot *slot) {
    return (uint64_t)slot->generation << 32 | (uint64_t)(slot - probe->slots);
}

static struct slot *slot_of_tag(const struct probe *probe, uint64_t tag) {
    size_t index = (uint32_t)tag;
    bool current = index < probe->slot_count && probe->slots[index].generation == tag >> 32;
    return current ? &probe->slots[index] : NULL;
}

static void wait_until(struct probe *probe, struct slot *slot, enum slot_state state, struct deadline until) {
    slot->state = state;
    slot->until = until;
    if (until.at_ms < probe->wake.at_ms)
        probe->wake = until;
}

static void release(struct probe *probe, struct slot *slot) {
    conn_close(&slot->conn);
    slot->state = SLOT_FREE;
    slot->generation = (slot->generation + 1) & INT32_MAX; /* never that of the two special tags */
    slot->next_free = probe->free_slot;
    probe->free_slot = (size_t)(slot - probe->slots);
    probe->busy--;
}

static void report(struct probe *probe, size_t target, enum probe_outcome outcome, const char *reason) {
    struct probe_result result = {.outcome = outcome, .reason = reason};
    probe->done(probe->context, target, &result);
}

static void finish(struct probe *probe, struct slot *slot, enum probe_outcome outcome, const char *reason) {
    report(probe, slot->target, outcome, reason);
    release(probe, slot);
}

static void drain(struct probe *probe, struct slot *slot, bool ended) {
    if (conn_drain(&slot->conn, ended))
        release(probe, slot);
}

static void finish_served(struct probe *probe, struct slot *slot) {
    SSL *ssl = slot->conn.ssl;
    struct probe_result result = {.outcome = PROBE_SERVED,
                                  .leaf = SSL_get0_peer_certificate(ssl),
                                  .chain = SSL_get_peer_cert_chain(ssl),
                                  .tls_version = SSL_get_version(ssl)};
    if (result.leaf == NULL) {
        finish(probe, slot, PROBE_TLS_FAILED, "it shows no certificate");
        return;
    }
    probe->done(probe->context, slot->target, &result);
    conn_begin_end(&slot->conn);
    wait_until(probe, slot, SLOT_DRAINING, deadline_after_ms(DRAIN_MS));
    drain(probe, slot, false);
}

/* Each address but the last gets its share of the time that is left, so that a dead one leaves some for the others. */
static struct deadline share_of(const struct slot *slot) {
    return deadline_within_ms(slot->end, deadline_left_ms(slot->end) / (int64_t)(slot->found.count - slot->address));
}

static bool watch(struct probe *probe, struct slot *slot) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = slot_tag(probe, slot)};
    return epoll_ctl(probe->epoll_fd, EPOLL_CTL_ADD, slot->conn.fd, &event) == 0;
}

/* Tries the addresses from slot->address on; ends with the slot talking, parked or finished. */
static void open_next(struct probe *probe, struct slot *slot) {
    enum probe_outcome outcome = probe->shared.proxy == NULL ? PROBE_UNREACHABLE : PROBE_PROXY_FAILED;
    const char *reason = slot->conn.reason;
    for (; slot->address < slot->found.count; slot->address++) {
        if (conn_open(&slot->conn, &slot->found.addresses[slot->address])) {
            if (watch(probe, slot)) {
                wait_until(probe, slot, SLOT_TALKING, share_of(slot));
                return;
            }
            conn_close(&slot->conn);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS) {
            wait_until(probe, slot, SLOT_PARKED, deadline_within_ms(slot->end, PARK_MS));
            return;
        }
        reason = "the connection could not be begun: there may be no route";
    }
    finish(probe, slot, outcome, reason);
}

static void advance(struct probe *probe, struct slot *slot, bool failed) {
    struct conn *conn = &slot->conn;
    switch (conn_advance(conn, &probe->shared, &probe->targets[slot->target], failed)) {
    case CONN_WAITS: return;
    case CONN_SHAKEN: finish_served(probe, slot); return;
    case CONN_FAILED: finish(probe, slot, conn->outcome, conn->reason); return;
    case CONN_NO_CONTACT:
        conn_close(conn);
        slot->address++;
        open_next(probe, slot);
        return;
    }
}

static void begin(struct probe *probe) {
    struct slot *slot = &probe->slots[probe->free_slot];
    probe->free_slot = slot->next_free;
    probe->busy++;
    slot->target = probe->next++;
    slot->end = deadline_after_ms(probe->timeout_ms);
    slot->address = 0;
    slot->conn.reason = NULL;
    const struct probe_target *target = &probe->targets[slot->target];
    slot->found.count = 1;
    if (probe->shared.proxy != NULL)
        slot->found = probe->proxy_found;
    else if (!resolve_literal(target->host, target->port, &slot->found.addresses[0])) {
        wait_until(probe, slot, SLOT_RESOLVING, slot->end);
        if (!resolver_submit(probe->resolver, target->host, target->port, slot_tag(probe, slot)))
            finish(probe, slot, PROBE_STOPPED, "no memory or thread for the look-up of the name");
        return;
    }
    open_next(probe, slot);
}

static void take_names(struct probe *probe) {
    uint64_t tag;
    struct resolve_result found;
    while (resolver_next(probe->resolver, &tag, &found)) {
        struct slot *slot = slot_of_tag(probe, tag);
        if (slot == NULL || slot->state != SLOT_RESOLVING)
            continue;
        slot->found = found;
        if (found.status == RESOLVE_FOUND)
            open_next(probe, slot);
        else
            finish(probe, slot, PROBE_UNRESOLVED, found.reason);
    }
}

static void time_out(struct probe *probe, struct slot *slot) {
    switch (slot->state) {
    case SLOT_FREE: return;
    case SLOT_RESOLVING: finish(probe, slot, PROBE_UNRESOLVED, "the name service did not answer in time"); return;
    case SLOT_PARKED:
        if (deadline_passed(slot->end))
            finish(probe, slot, PROBE_STOPPED, "no file descriptors are left");
        else
            open_next(probe, slot);
        return;
    case SLOT_DRAINING: release(probe, slot); return;
    case SLOT_TALKING:
        conn_time_out(&slot->conn);
        if (slot->conn.phase == CONN_CONNECTING && slot->address + 1 < slot->found.count) {
            conn_close(&slot->conn);
            slot->address++;
            open_next(probe, slot);
        } else {
            finish(probe, slot, slot->conn.outcome, slot->conn.reason);
        }
        return;
    }
}

/* Looks at every slot, but only when the earliest moment known has come: about once a second while endpoints answer. */
static void sweep(struct probe *probe) {
    int64_t now = clock_monotonic_ms();
    if (now < probe->wake.at_ms)
        return;
    probe->wake.at_ms = INT64_MAX;
    for (size_t i = 0; i < probe->slot_count; i++) {
        struct slot *slot = &probe->slots[i];
        if (slot->state == SLOT_FREE)
            continue;
        if (slot->until.at_ms <= now)
            time_out(probe, slot);
        else if (slot->until.at_ms < probe->wake.at_ms)
            probe->wake = slot->until;
    }
}

static void on_event(struct probe *probe, uint64_t tag, uint32_t what) {
    if (tag == INTERRUPT_TAG)
        return;
    if (tag == RESOLVER_TAG) {
        take_names(probe);
        return;
    }
    struct slot *slot = slot_of_tag(probe, tag);
    bool failed = (what & (EPOLLERR | EPOLLHUP)) != 0;
    bool ended = failed || (what & EPOLLRDHUP) != 0;
    if (slot != NULL && slot->state == SLOT_TALKING)
        advance(probe, slot, failed);
    else if (slot != NULL && slot->state == SLOT_DRAINING && ended)
        drain(probe, slot, true); /* what comes before the peer's end can wait for it */
}

static void stop_all(struct probe *probe, const char *reason) {
    for (size_t i = 0; i < probe->slot_count; i++) {
        struct slot *slot = &probe->slots[i];
        if (slot->state == SLOT_DRAINING)
            release(probe, slot);
        else if (slot->state != SLOT_FREE)
            finish(probe, slot, PROBE_STOPPED, reason);
    }
    while (probe->next < probe->count)
        report(probe, probe->next++, PROBE_STOPPED, reason);
}

static const char *stop_reason(struct deadline deadline) {
    return mem_exhausted()             ? "no memory was left"
           : interrupt_signal() != 0   ? "a signal came"
           : deadline_passed(deadline) ? "the deadline passed"
                                       : NULL;
}

static void run(struct probe *probe, struct deadline deadline) {
    while (probe->next < probe->count || probe->busy > 0) {
        const char *reason = stop_reason(deadline);
        if (reason != NULL) {
            stop_all(probe, reason);
            return;
        }
        while (probe->next < probe->count && probe->free_slot < probe->slot_count)
            begin(probe);
        struct deadline wake = probe->wake.at_ms < deadline.at_ms ? probe->wake : deadline;
        int64_t left = deadline_left_ms(wake);
        struct epoll_event events[EVENTS_MAX];
        int ready =
            probe->busy == 0 ? 0 : epoll_wait(probe->epoll_fd, events, EVENTS_MAX, left > 60000 ? 60000 : (int)left);
        for (int i = 0; i < ready; i++)
            on_event(probe, events[i].data.u64, events[i].events);
        sweep(probe);
    }
}

/* As many at once as were asked for and descriptors allow; the soft limit is raised to what that needs, no further. */
static size_t affordable(size_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return wanted;
    rlim_t needed = wanted + SPARE_DESCRIPTORS;
    if (limit.rlim_cur < needed) {
        struct rlimit raised = {.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max,
                                .rlim_max = limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    if (limit.rlim_cur >= needed)
        return wanted;
    return limit.rlim_cur > SPARE_DESCRIPTORS ? limit.rlim_cur - SPARE_DESCRIPTORS : 1;
}

static bool add_watch(const struct probe *probe, int fd, uint64_t tag) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag};
    return fd < 0 || epoll_ctl(probe->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool make_slots(struct probe *probe, size_t concurrency) {
    size_t wanted = concurrency == 0 ? CONCURRENCY_DEFAULT : concurrency;
    probe->slot_count = affordable(wanted < probe->count ? wanted : probe->count);
    probe->slots = mem_calloc(probe->slot_count, sizeof *probe->slots);
    for (size_t i = 0; probe->slots != NULL && i < probe->slot_count; i++)
        probe->slots[i].next_free = i + 1;
    return probe->slots != NULL;
}

static bool set_up(struct probe *probe, size_t concurrency, struct error *err) {
    if (!make_slots(probe, concurrency) || (probe->shared.tls = conn_tls_new()) == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for probing");
    probe->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    probe->resolver = resolver_new();
    if (probe->epoll_fd >= 0 && probe->resolver != NULL &&
        add_watch(probe, resolver_fd(probe->resolver), RESOLVER_TAG) && add_watch(probe, interrupt_fd(), INTERRUPT_TAG))
        return true;
    bool full = errno == EMFILE || errno == ENFILE;
    return error_set(err, full ? ERROR_TOO_MANY_FILES : ERROR_OUT_OF_MEMORY, "nothing to wait with: %s",
                     strerror(errno));
}

/* False if every endpoint was reported already. */
static bool find_proxy(struct probe *probe, struct deadline deadline) {
    if (probe->shared.proxy == NULL)
        return true;
    char host[NAME_HOST_SIZE];
    int port;
    const char *reason = "its url is not of the form http://host:port";
    if (proxy_split_url(probe->shared.proxy->url, host, &port)) {
        reason = "no memory or thread for the look-up of its name";
        if (resolve_host(host, port, deadline_within_ms(deadline, probe->timeout_ms), &probe->proxy_found))
            reason = probe->proxy_found.reason;
    }
    if (reason == NULL)
        return true;
    auto_text char *text = mem_printf("proxy: %s", reason);
    while (probe->next < probe->count)
        report(probe, probe->next++, interrupt_signal() != 0 ? PROBE_STOPPED : PROBE_PROXY_FAILED,
               text == NULL ? reason : text);
    return false;
}

bool probe_all(const struct probe_target *targets, size_t count, const struct probe_options *options,
               struct deadline deadline, void (*done)(void *context, size_t index, const struct probe_result *result),
               void *context, struct error *err) {
    struct probe probe = {.targets = targets,
                          .count = count,
                          .timeout_ms = options->timeout_ms,
                          .epoll_fd = -1,
                          .shared.proxy = options->proxy,
                          .wake.at_ms = INT64_MAX,
                          .done = done,
                          .context = context};
    bool ready = set_up(&probe, options->concurrency, err);
    if (ready && find_proxy(&probe, deadline))
        run(&probe, deadline);
    if (ready && mem_exhausted())
        ready = error_set(err, ERROR_OUT_OF_MEMORY, "no memory was left while probing");
    resolver_free(probe.resolver);
    if (probe.epoll_fd >= 0)
        close(probe.epoll_fd);
    SSL_CTX_free(probe.shared.tls);
    mem_free(probe.slots);
    return ready;
}
