# SPDX-License-Identifier: Apache-2.0
"""The control API: plain HTTP on 127.0.0.1, never part of a manager."""
import asyncio
import json

from . import cli, faults, switches
from .http1 import Wire
from .messages import Response, json_response, text_response
from .state import apply, describe


class Control:
    def __init__(self, sim):
        self.sim = sim
        self._server = None
        self.routes = {
            ("GET", "/log"): self._log, ("GET", "/state"): self._state,
            ("PATCH", "/state"): self._patch, ("POST", "/reset"): self._reset,
            ("GET", "/faults"): self._faults, ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): self._remove_faults,
            ("GET", "/faults/names"): self._fault_names,
            ("GET", "/switches"): self._switches, ("POST", "/cli"): self._cli, ("GET", "/"): self._index,
        }

    async def start(self, port):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader, writer):
        await Wire(reader, writer).serve(self._respond)

    async def _respond(self, request):
        handler = self.routes.get((request.method, request.path))
        try:
            if handler is None:
                known = ", ".join(" ".join(key) for key in self.routes)
                return json_response({"error": f"no such call; there are {known}"}, 404)
            answer = handler(request)
            return answer if isinstance(answer, Response) else json_response(answer)
        except (ValueError, KeyError, TypeError) as error:
            return json_response({"error": f"{request.method} {request.path}: {error}"}, 400)

    @staticmethod
    def _body(request):
        body = json.loads(request.body or b"{}")
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")
        return body

    def _index(self, _request):
        return {"calls": [" ".join(key) for key in self.routes]}

    def _log(self, request):
        return {"log": self.sim.log.select(request.query.get("writes") in ("1", "true"))}

    def _state(self, _request):
        return describe(self.sim)

    def _patch(self, request):
        try:
            return apply(self.sim, self._body(request))
        finally:
            self.sim.sync_ssh()

    def _cli(self, request):
        """The body is a line typed at a manager; the answer is what it prints."""
        address = request.query.get("manager")
        for cluster in self.sim.clusters:
            for node in cluster.nodes:
                if node.address == address:
                    line = request.body.decode(errors="replace")
                    return text_response(cli.answer(cluster, node, line))
        raise ValueError(f"no manager at {address!r}")

    def _reset(self, _request):
        self.sim.reset()
        self.sim.sync_ssh()
        return {"reset": True}

    def _faults(self, _request):
        return {"faults": self.sim.faults.list()}

    def _add_fault(self, request):
        return self.sim.faults.add(self._body(request))

    def _remove_faults(self, request):
        if "id" in request.query:
            self.sim.faults.remove(int(request.query["id"]))
        else:
            self.sim.faults.clear()
        return {"faults": self.sim.faults.list()}

    def _fault_names(self, _request):
        return {"names": faults.names()}

    def _switches(self, _request):
        now = self.sim.switches.positions()
        return {"switches": [{**one, "position": now[one["name"]]}
                             for one in switches.describe()]}
