"""Errors for people: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class CampaignError(Exception):
    """A problem the reader can fix. `where`: a file with line, row or column. `do`: the next step."""

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.do}" if self.do else head


class Problems(CampaignError):
    """Several problems, reported together."""

    def __init__(self, problems: Sequence[CampaignError], *, what: str) -> None:
        self.problems = tuple(problems)
        super().__init__(what)

    def __str__(self) -> str:
        lines = [f"- {str(problem).replace(chr(10), chr(10) + '  ')}" for problem in self.problems]
        return "\n".join([self.what, *lines])
