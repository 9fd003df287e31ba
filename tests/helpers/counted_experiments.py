"""Experiments that count their runs, and papers of them."""

from __future__ import annotations

from slowfeat_papers.material.part import (
    Bench,
    Finding,
    Paper,
    Part,
    Result,
    Table,
)


class Counted:
    """An experiment that counts its runs."""

    def __init__(self, row: str, error: Exception | None = None) -> None:
        self.row, self.error, self.runs = row, error, 0
        self.benches: list[Bench] = []

    def __call__(self, bench: Bench) -> Result:
        """One finding and one table."""
        self.runs += 1
        self.benches.append(bench)
        if self.error is not None:
            raise self.error
        return Result(
            [Finding(self.row, f"run {self.runs}", agrees=False)],
            [Table("t", ["a"], [["1"]])],
            notes=["n"],
            seeds=bench.seeds,
        )


def paper_of(*experiments: Counted) -> Paper:
    """A paper whose parts are named after their rows."""
    parts = tuple(Part(e.row.lower(), (e.row,), f"about {e.row}", e) for e in experiments)
    return Paper("p", "P", {e.row: "what" for e in experiments}, parts)
