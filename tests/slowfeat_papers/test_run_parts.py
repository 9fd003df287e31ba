"""Running a paper's experiments: kept, continued, run again for other
data, failures told at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat_papers.material.part import (
    Finding,
    Paper,
    Part,
    Result,
    Size,
    Sources,
    Table,
)
from slowfeat_papers.run_parts import choose, finished, result_file, run_parts
from tests.helpers.counted_experiments import Counted, paper_of


def run(paper: Paper, work: Path, sources: Sources | None = None, *only: str, **how: Any) -> None:
    """Run quickly."""
    run_parts(paper, work, sources or Sources(), how.pop("size", Size.QUICK), list(only), **how)


def test_a_result_is_kept_and_not_computed_again(tmp_path: Path) -> None:
    first, second = Counted("A1"), Counted("A2")
    paper = paper_of(first, second)
    run(paper, tmp_path)
    run(paper, tmp_path)
    assert (first.runs, second.runs) == (1, 1)
    (one, two) = finished(paper, tmp_path, Size.QUICK)
    assert one.result == Result(
        [Finding("A1", "run 1", agrees=False)], [Table("t", ["a"], [["1"]])], {}, ["n"], 1
    )
    assert two.part is paper.parts[1]
    assert one.seconds >= 0


def test_what_is_missing_is_run_and_what_is_there_stays(tmp_path: Path) -> None:
    first, second = Counted("A1"), Counted("A2")
    paper = paper_of(first, second)
    run(paper, tmp_path, None, "a1")
    assert (first.runs, second.runs) == (1, 0)
    run(paper, tmp_path)
    assert (first.runs, second.runs) == (1, 1)


def test_overwrite_runs_again(tmp_path: Path) -> None:
    experiment = Counted("A1")
    paper = paper_of(experiment)
    run(paper, tmp_path)
    run(paper, tmp_path, overwrite=True)
    assert experiment.runs == 2


def test_other_data_are_other_results(tmp_path: Path) -> None:
    experiment = Counted("A1")
    paper = paper_of(experiment)
    run(paper, tmp_path)
    data = tmp_path / "cifar.npz"
    data.write_bytes(b"123")
    run(paper, tmp_path, Sources(cifar=data))
    assert experiment.runs == 2
    assert experiment.benches[-1].sources.cifar == data


def test_sizes_are_kept_apart_and_differ_in_seeds(tmp_path: Path) -> None:
    experiment = Counted("A1")
    paper = paper_of(experiment)
    run(paper, tmp_path)
    run(paper, tmp_path, size=Size.EVENING)
    run(paper, tmp_path, size=Size.FULL)
    assert [b.quick for b in experiment.benches] == [True, False, False]
    assert [b.seeds for b in experiment.benches] == [1, 1, 3]
    assert len({b.folder for b in experiment.benches}) == 3
    assert len({b.common for b in experiment.benches}) == 3
    assert [b.pick(4, 100) for b in experiment.benches] == [4, 20, 100]
    evening = experiment.benches[1]
    assert evening.pick(1.0, 2.0) == pytest.approx(2**0.5)
    assert evening.pick((1, 2), (1, 2, 3)) == (1, 2)


def test_other_repeats_are_other_results(tmp_path: Path) -> None:
    experiment = Counted("A1")
    paper = paper_of(experiment)
    run(paper, tmp_path)
    run(paper, tmp_path, seeds=4)
    run(paper, tmp_path, seeds=4)
    assert [b.seeds for b in experiment.benches] == [1, 4]


def test_a_failure_does_not_stop_the_others_and_is_told_at_the_end(tmp_path: Path) -> None:
    bad, good = Counted("A1", SlowfeatError("no such thing")), Counted("A2")
    paper = paper_of(bad, good)
    seen: list[int] = []
    with pytest.raises(SlowfeatError, match="a1 failed: no such thing; the same command continues"):
        run_parts(
            paper,
            tmp_path,
            Sources(),
            Size.QUICK,
            only=[],
            after=lambda: seen.append(len(finished(paper, tmp_path, Size.QUICK))),
        )
    assert good.runs == 1
    assert seen == [0, 1]


def test_an_experiment_must_say_something_of_each_of_its_rows(tmp_path: Path) -> None:
    experiment = Counted("A1")
    paper = Paper("p", "P", {"A1": "", "A9": ""}, (Part("x", ("A1", "A9"), "", experiment),))
    with pytest.raises(AssertionError, match="says nothing about A9"):
        run(paper, tmp_path)
    assert not result_file(paper, paper.parts[0], tmp_path, Size.QUICK).exists()


def test_names_and_rows_choose() -> None:
    paper = paper_of(Counted("A1"), Counted("A2"))
    assert [p.name for p in choose(paper, ["A2"])] == ["a2"]
    assert [p.name for p in choose(paper, ["a1"])] == ["a1"]
    assert len(choose(paper, [])) == 2
    with pytest.raises(UsageError, match="p has no 'A3'"):
        choose(paper, ["A3"])
