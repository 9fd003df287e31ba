"""One part can be measured anew; the page stays whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.performance import __main__ as program
from benchmarks.performance.figures import Section
from benchmarks.performance.material import BenchmarkInputs
from slowfeat.errors import UsageError


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what was measured; nothing is."""
    names: list[str] = []

    def measure(name: str, material: BenchmarkInputs, load: float) -> Section:
        names.append(name)
        return Section(name, f"Title of {name}", f"Run {len(names)}.")

    monkeypatch.setattr(program, "measure", measure)
    return names


def test_all_parts_are_measured_and_written(tmp_path: Path, measured: list[str]) -> None:
    assert program.main(["--out", str(tmp_path / "page.md")]) == 0
    assert measured == list(program.SECTIONS)
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert all(f"## Title of {name}" in text for name in program.SECTIONS)
    assert (tmp_path / "page.json").is_file()


def test_one_part_is_measured_anew_and_the_others_stay(tmp_path: Path, measured: list[str]) -> None:
    page = tmp_path / "page.md"
    program.main(["--out", str(page)])
    measured.clear()
    program.main(["--out", str(page), "--only", "node"])
    assert measured == ["node"]
    text = page.read_text(encoding="utf-8")
    assert "Title of ingest\n\nRun 1." in text
    assert "Title of node\n\nRun 1." in text


def test_quick_leaves_out_what_takes_long(tmp_path: Path, measured: list[str]) -> None:
    program.main(["--out", str(tmp_path / "page.md"), "--quick"])
    assert "ingest" in measured
    assert not set(measured) & set(program.NOT_QUICK)


def test_an_error_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(name: str, material: BenchmarkInputs, load: float) -> Section:
        raise UsageError("that bag holds no images")

    monkeypatch.setattr(program, "measure", measure)
    assert program.main(["--out", str(tmp_path / "page.md")]) == 2
    assert capsys.readouterr().err == "benchmark: that bag holds no images\n"


def test_every_part_has_a_module_that_measures() -> None:
    folder = Path(program.__file__).parent
    for module in program.SECTIONS.values():
        assert (
            "def measure(material: BenchmarkInputs) -> Section:"
            in (folder / f"{module}.py").read_text()
        )


@pytest.mark.parametrize(("load", "told"), [(0.3, False), (7.9, True)])
def test_a_busy_machine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: float, told: bool
) -> None:
    def one(material: BenchmarkInputs) -> Section:
        return Section("node", "Node", "")

    monkeypatch.setattr("benchmarks.performance.node.measure", one)
    remarks = program.measure("node", BenchmarkInputs(tmp_path), load).remarks
    assert any("load average 7.9" in remark for remark in remarks) is told
