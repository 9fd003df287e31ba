"""The report as plain JSON, of bags of which little is known."""

from __future__ import annotations

import json
from pathlib import Path

from slowfeat_trainer.inspection.report_json import failed, record_of
from tests.helpers.bare_survey import bare_survey


def test_what_is_not_known_is_null_and_the_verdict_stands(tmp_path: Path) -> None:
    record = json.loads(json.dumps(record_of(bare_survey(tmp_path / "bag")), allow_nan=False))
    for key in ("images", "motion", "extrinsic", "lined_up", "clocks", "driving", "motions"):
        assert record[key] is None
    assert (record["seconds"], record["patterns"], record["dropped"]) == (1.5, [], [])
    (topic,) = record["topics"]
    assert (topic["name"], topic["count"], topic["rate_hz"]) == ("/clock", 4, 2.0)
    assert topic["delay_median_s"] is None
    assert record["trainable"] is False
    assert record["verdict"] == "cannot be trained on"
    assert {finding["code"] for finding in record["findings"]} == {"no_images", "no_motion"}
    assert record["ingest"] == ""


def test_a_bag_that_cannot_be_read_says_why() -> None:
    record = failed(Path("bag"), ValueError("torn"))
    assert record == {"path": "bag", "trainable": False, "error": "torn"}
