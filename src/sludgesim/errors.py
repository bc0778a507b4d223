"""Exceptions of sludgesim; each knows the exit status that the command line gives it."""

from __future__ import annotations

from dataclasses import dataclass


class SludgesimError(Exception):
    """Base of every error that sludgesim raises on purpose."""

    exit_status = 3


@dataclass(frozen=True)
class Problem:
    """One fault of an input: where it is, what is wrong, and what is allowed."""

    message: str
    key: str = ""
    file: str = ""
    line: int | None = None
    allowed: str = ""

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line is not None else "")
        head = ": ".join(part for part in (place, self.key) if part)
        text = f"{head}: {self.message}" if head else self.message
        return f"{text} (allowed: {self.allowed})" if self.allowed else text


class InputError(SludgesimError):
    """The user's input cannot be used; carries every problem found, not only the first."""

    exit_status = 2

    def __init__(self, problems: Problem | list[Problem]) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class TemperatureRangeError(SludgesimError):
    """A species was asked for properties outside the temperature range of its data."""


class EquilibriumError(SludgesimError):
    """An equilibrium calculation did not give an answer that meets the optimality conditions."""


class BalanceError(SludgesimError):
    """The audit found a unit whose elements or energy do not close."""
