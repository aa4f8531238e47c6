"""One measured figure against its bound."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """One measured figure against its bound; `least` says that the figure must not be below it."""

    name: str
    what: str
    figure: float
    bound: float
    unit: str = ""
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.figure >= self.bound if self.least else self.figure <= self.bound

    def __str__(self) -> str:
        sign = ">=" if self.least else "<="
        told = "met" if self.met else "NOT MET"
        return f"{self.name:4} {self.what:88} {self.figure:>10,.4g}{self.unit:7} {sign} {self.bound:<8,.4g} {told}"
