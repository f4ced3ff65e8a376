# SPDX-License-Identifier: Apache-2.0
"""CPU time of nsxcert beside a floor and peers: all run in turn, the ratio is taken round by round."""
import os
import statistics
import time
from dataclasses import dataclass, field

from workshop import BenchError

LONG_SECONDS = 0.05
ROUNDS_SHORT, ROUNDS_LONG = 15, 5
NOISY = 0.25


@dataclass
class Case:
    """`commands` by name: "floor", "nsxcert", and a peer each; a command may have an environment: (command, env).
    `prepare` runs before each of them. `peer_goal` holds against the peer named."""
    area: str
    name: str
    commands: dict
    goal: float  # against the floor; None: none was set
    peer_goals: dict = field(default_factory=dict)
    prepare: object = None


def run_once(command):
    """(CPU seconds, wall seconds) of one run."""
    command, environment = command if isinstance(command, tuple) else (command, os.environ)
    quiet = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
             (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    began = time.monotonic()
    pid = os.posix_spawnp(command[0], command, environment, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise BenchError(f"{' '.join(command)[:300]}: exit {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


def quartiles(ratios):
    first, median, third = statistics.quantiles(ratios, n=4, method="inclusive")
    return {"median": median, "first": first, "third": third, "noisy": third - first > NOISY * median}


def verdict(ratio, goal):
    if goal is None:
        return "-"
    if ratio["noisy"]:
        return "noisy"
    return "met" if ratio["median"] <= goal else "missed"


def measure(case):
    """The case's row: medians in ms, and nsxcert's ratio to each of the others."""
    def once(name):
        if case.prepare:
            case.prepare()
        return run_once(case.commands[name])

    warm = [once(name) for name in case.commands]
    rounds = ROUNDS_LONG if max(wall for _, wall in warm) > LONG_SECONDS else ROUNDS_SHORT
    taken = [{name: once(name) for name in case.commands} for _ in range(rounds)]
    row = {"area": case.area, "case": case.name, "rounds": rounds, "cpu_ms": {}, "wall_ms": {}, "ratio": {}, "goals": {}}
    for name in case.commands:
        row["cpu_ms"][name] = 1000 * statistics.median(one[name][0] for one in taken)
        row["wall_ms"][name] = 1000 * statistics.median(one[name][1] for one in taken)
        if name != "nsxcert":
            row["ratio"][name] = quartiles([one["nsxcert"][0] / max(one[name][0], 1e-6) for one in taken])
            goal = case.goal if name == "floor" else case.peer_goals.get(name)
            row["goals"][name] = {"goal": goal, "verdict": verdict(row["ratio"][name], goal)}
    return row


def lines(row):
    """One line for each program that nsxcert is compared with."""
    for name, ratio in row["ratio"].items():
        goal = row["goals"][name]
        wanted = "" if goal["goal"] is None else f"goal {goal['goal']:.3g}"
        yield (f"{row['area']:9}{row['case']:30}{row['cpu_ms']['nsxcert']:9.1f} ms  {name:17}{row['cpu_ms'][name]:9.1f} ms"
               f"{ratio['median']:9.3f} ({ratio['first']:.3f} to {ratio['third']:.3f})  {wanted:11}{goal['verdict']}")
