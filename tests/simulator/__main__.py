# SPDX-License-Identifier: Apache-2.0
"""Start: python3 -m simulator --nsx-version VERSION …"""
import asyncio
import json
import os
import signal
import sys
import time

try:
    from .app import Simulator
    from .control import Control
except ImportError as missing:
    print(f"simulator: {missing}; pip install -r requirements.txt", file=sys.stderr)
    sys.exit(1)
from .options import parse


async def run(options):
    parent = os.getppid()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    sim = Simulator(options)
    try:
        sim.start()
        control = await Control(sim).start(options.control_port)
        if options.ssh:
            sim.start_ssh(control)
        print(json.dumps({**sim.describe(), "control": control}), flush=True)
        sim.log.say(f"NSX {options.nsx_version}, {options.clusters} cluster(s) on port"
                    f" {sim.port}, control {control}")
        await until_end(stop, parent, options.max_seconds)
    finally:
        sim.stop()


async def until_end(stop, parent, seconds):
    """Until a signal, the end of the parent process, or the longest time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and os.getppid() == parent:
        try:
            await asyncio.wait_for(stop.wait(), 0.5)
            return
        except asyncio.TimeoutError:
            pass


def main():
    options = parse()
    try:
        asyncio.run(run(options))
    except OSError as error:
        print(f"simulator: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
