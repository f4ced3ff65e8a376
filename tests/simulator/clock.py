# SPDX-License-Identifier: Apache-2.0
"""The simulated wall clock: real time plus an offset set from outside."""
import time


class Clock:
    def __init__(self):
        self.offset = 0.0

    def now(self):
        """Seconds since the epoch, as the managers believe."""
        return time.time() + self.offset
