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

    def __str__(self) -> str:
        met = self.figure >= self.bound if self.least else self.figure <= self.bound
        sign = ">=" if self.least else "<="
        told = "met" if met else "NOT MET"
        return f"{self.name:4} {self.what:72} {self.figure:>12,.4g}{self.unit:9} {sign} {self.bound:<8,.6g} {told}"
