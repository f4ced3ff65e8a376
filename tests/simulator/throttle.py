# SPDX-License-Identifier: Apache-2.0
"""Request limits of cluster/api-service, per manager and user."""
import collections
import email.utils
import time

from .messages import ApiError

RATE, CONCURRENCY = 100, 40


class Throttle:
    def __init__(self):
        self._seen = {}
        self._outstanding = collections.Counter()

    def clear(self):
        self._seen.clear()
        self._outstanding.clear()

    @staticmethod
    def _limit(call, name, default):
        return call.cluster.api_service.get(name, default)

    def check(self, call):
        """Count a request; raises ApiError when it is one too many."""
        limit = self._limit(call, "client_api_rate_limit", RATE)
        if call.switches.throttle == "off" or not limit:
            return
        seen = self._seen.setdefault((call.listener.address, call.user.name),
                                     collections.deque())
        now = time.monotonic()
        while seen and seen[0] <= now - 1:
            seen.popleft()
        if len(seen) >= limit:
            raise wait_error(call, 429, f"Client '{call.user.name}' exceeded request rate of"
                             f" {limit} per second.", 102)
        seen.append(now)

    def enter(self, call):
        """Count a request as outstanding; raises ApiError over the limit.

        Returns what leave() wants once its answer is ready.
        """
        limit = self._limit(call, "client_api_concurrency_limit", CONCURRENCY)
        who = (call.listener.address, call.user.name)
        if call.switches.throttle == "on" and limit and self._outstanding[who] >= limit:
            status = int(call.switches.throttle_concurrency)
            raise wait_error(call, status, f"Client '{call.user.name}' exceeded the limit of"
                             f" {limit} concurrent requests.", 102 if status == 429 else None)
        self._outstanding[who] += 1
        return who

    def leave(self, who):
        self._outstanding[who] -= 1


def wait_error(call, status, message, code):
    error = ApiError(status, message, code, "common-services")
    if call.switches.retry_after == "seconds":
        error.headers.append(("Retry-After", "1"))
    elif call.switches.retry_after == "date":
        when = email.utils.formatdate(call.cluster.clock.now() + 1, usegmt=True)
        error.headers.append(("Retry-After", when))
    return error
