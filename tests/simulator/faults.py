# SPDX-License-Identifier: Apache-2.0
"""The fault switchboard: where a fault strikes."""


class Faults:
    def __init__(self, sim):
        self.sim = sim

    def clear(self):
        pass

    def refuses(self, _listener):
        return False

    def at_connection(self, _listener, _connection):
        return None

    def at_request(self, _listener, _connection, _request):
        return None

    def arm(self, _listener, _request):
        return False
