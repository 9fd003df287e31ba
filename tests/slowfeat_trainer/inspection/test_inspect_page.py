"""Sections of the page, of a bag that holds neither images nor motion and of a dataset."""

from __future__ import annotations

from pathlib import Path

from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.ingest.dataset import Dataset
from slowfeat_trainer.inspection.dataset_survey import DatasetSurvey
from slowfeat_trainer.inspection.inspect_page import bag_section, dataset_section, page_of
from tests.helpers.bare_survey import bare_survey


def test_a_bag_without_images_and_motion_has_its_verdict_and_topics(tmp_path: Path) -> None:
    section = bag_section(bare_survey(tmp_path / "<bag>"), with_frames=True)
    assert "&lt;bag&gt;" in section
    assert "<bag>" not in section
    assert '<span class="no">cannot be trained on</span>' in section
    assert section.count('<li class="stop">') == 2
    assert "/clock" in section
    assert "<img" not in section
    # No flag would make it work.
    assert "<h3>Next</h3>" not in section


def test_names_of_a_dataset_are_text() -> None:
    dataset = Dataset(Path("<set>"), IngestOptions(), SplitRule(), [])
    section = dataset_section(DatasetSurvey(dataset, [], ["a < b"]))
    assert "<set>" not in section
    assert "&lt;set&gt;" in section
    assert "a &lt; b" in section


def test_sections_stand_in_their_order() -> None:
    page = page_of(["<p>one</p>", "<p>two</p>"])
    assert page.index("<h1>slowfeat inspect</h1>") < page.index("<p>one") < page.index("<p>two")
