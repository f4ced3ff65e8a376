# SPDX-License-Identifier: Apache-2.0
"""One measured figure, and how it is shown."""
from dataclasses import dataclass


@dataclass
class Row:
    """`goal` is what is aimed at. `guard` is what must hold, and by default the goal: where a goal is missed it stands a
    little above what is reached, where it is met with ease a little nearer, so that neither gets worse unseen."""
    area: str
    case: str
    figure: float
    unit: str
    goal: float
    guard: float = None

    def __post_init__(self):
        if self.guard is None:
            self.guard = self.goal

    @property
    def held(self):
        return self.figure <= self.guard

    @property
    def verdict(self):
        if not self.held:
            return "BROKEN"
        return "met" if self.figure <= self.goal else "missed"

    def line(self):
        return (f"{self.area:10}{self.case:42}{self.figure:9.3f} {self.unit:10}"
                f"goal {self.goal:<7g}guard {self.guard:<7g}{self.verdict}")
