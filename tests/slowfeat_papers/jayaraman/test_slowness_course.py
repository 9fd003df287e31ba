"""The course of slowness over a training."""

from __future__ import annotations

from slowfeat_papers.jayaraman.slowness_course import read_points


def test_the_course_forgets_a_torn_line_and_what_was_done_again(tmp_path):
    file = tmp_path / "course.jsonl"
    file.write_text("[0, 0.8, 0.7]\n[20, 0.9, 0.8]\n[20, 0.91, 0.8]\n[40, 0.9")
    assert read_points(file) == [(0, 0.8, 0.7), (20, 0.91, 0.8)]
