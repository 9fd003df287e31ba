"""slowfeat inspect as a user runs it: reports, JSON, pages, exit codes, one
line for what cannot be read.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from slowfeat.cli import main
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers import bag_factory
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.motion_bags import make_motion_bag
from tests.slowfeat_trainer.inspection.test_verdict import mostly_still

ROOT = Path(__file__).parents[3]
VOID = {"meta", "img", "br", "hr", "link", "input", "path", "line", "circle", "rect"}


def inspect(*words: object) -> int:
    return main(["inspect", *map(str, words)])


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=300, with_camera_info=True, with_tf_static=True, broken_jpeg={7})
    return make_bag(tmp_path_factory.mktemp("bags") / "<drive> & co", recipe)


class Balance(HTMLParser):
    """Notes elements that are not closed in order, and everything that would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loaded: list[str | None] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parse(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    parser.close()
    return parser


def test_the_report_tells_what_matters(bag: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect(bag) == 0
    printed = capsys.readouterr().out
    for text in (
        "MCAP, not compressed, 1 file",
        "damage:    none found",
        "/odom",
        "10.0 Hz",
        "64x48 jpeg, frame camera_optical_frame, 56 deg wide",
        "299 of 300 images have odometry on both sides",
        "camera and odometry agree within",
        "looks 0 deg left and 0 deg down (from /tf_static; the images agree",
        "1   0.3 %  cannot be decoded",
        "verdict:",
        "next:      slowfeat ingest",
    ):
        assert text in printed


def test_the_json_has_the_documented_keys(bag: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert inspect(bag, "--json", file) == 0
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["schema"] == 1
    (record,) = content["bags"]
    page = (ROOT / "docs" / "inspect.md").read_text(encoding="utf-8")
    table = page[page.index("## JSON") :]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert list(record) == documented
    assert record["dropped"] == [
        {"kind": "image", "reason": "cannot be decoded", "count": 1, "share": 1 / 300}
    ]
    assert record["lined_up"]["with_motion"] == 299
    assert sum(record["motions"]["histograms"]["turn_deg"]["shares"]) == pytest.approx(1.0)
    assert sum(pattern["share"] for pattern in record["patterns"]) == pytest.approx(1.0)
    assert not list(tmp_path.glob(".*"))


def test_the_page_stands_alone_and_is_sound(bag: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert inspect(bag, "--html", file) == 0
    page = file.read_text(encoding="utf-8")
    parsed = parse(page)
    assert parsed.wrong == []
    assert parsed.open == []
    assert len(parsed.loaded) > 8
    assert all(str(value).startswith("data:image/jpeg;base64,") for value in parsed.loaded)
    assert not re.search(r"https?://|url\(|@import|<script|<link", page)
    text = " ".join(parsed.text)
    for part in ("Verdict", "Timeline", "Motion patterns", "What ingest would leave out"):
        assert part in text
    assert "<drive>" not in page
    assert "&lt;drive&gt; &amp; co" in page
    assert not re.search(r"\bnan\b", text)


def test_without_frames_there_is_no_picture(bag: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert inspect(bag, "--html", file, "--no-frames") == 0
    page = file.read_text(encoding="utf-8")
    assert "<img" not in page
    assert "data:" not in page
    assert parse(page).open == []
    assert "Motion patterns" in page


@pytest.mark.parametrize(
    "recipe",
    [
        BagRecipe(image_topics=()),
        BagRecipe(odom_topics=()),
        BagRecipe(odom_ahead_s=100.0),
        BagRecipe(broken_jpeg=set(range(120))),
        BagRecipe(frames=1),
        BagRecipe(still=True),
    ],
    ids=["no images", "no motion", "no overlap", "undecodable", "one frame", "still"],
)
def test_bags_that_cannot_be_trained_on_have_page_and_json_too(
    recipe: BagRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag = make_bag(tmp_path / "bag", recipe)
    assert inspect(bag, "--html", tmp_path / "a.html", "--json", tmp_path / "a.json") == 1
    printed = capsys.readouterr()
    assert "verdict:   cannot be trained on" in printed.out
    assert "next:" not in printed.out
    assert printed.err == ""
    parsed = parse((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert parsed.wrong == []
    assert parsed.open == []
    assert json.loads((tmp_path / "a.json").read_text())["bags"][0]["trainable"] is False


NEEDS: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "nothing": (lambda path: make_bag(path), []),
    "an image topic": (
        lambda path: make_bag(path, BagRecipe(image_topics=("/a", "/b"))),
        ["--image-topic /a"],
    ),
    "a source of motion": (
        lambda path: make_bag(path, BagRecipe(odom_topics=("/odom_1", "/odom_2"))),
        ["--odom-topic /odom_1"],
    ),
    "an offset": (
        lambda path: make_bag(path, BagRecipe(frames=300, odom_ahead_s=0.2)),
        [],
    ),
    "commands": (lambda path: make_motion_bag(path, "twist", with_images=True), []),
}


@pytest.mark.parametrize("need", NEEDS)
def test_the_suggested_command_works(
    need: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, flags = NEEDS[need]
    bag = make(tmp_path / "my bag")
    assert inspect(bag) == 0
    line = capsys.readouterr().out.strip().splitlines()[-1]
    assert line.startswith("next:      slowfeat ingest ")
    for flag in flags:
        assert flag in line
    assert line.count(" --") == len(flags) + 1
    words = shlex.split(line.removeprefix("next:"))
    assert words[-2:] == ["--out", "DATASET"]
    assert main([*words[1:-1], str(tmp_path / "data")]) == 0
    assert open_dataset(tmp_path / "data").frames > 100


def test_a_robot_that_stands_a_lot_gets_flags_that_leave_that_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bag_factory, "_forward", mostly_still)
    monkeypatch.setattr(bag_factory, "yaw_at", mostly_still)
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=600))
    assert inspect(bag) == 0
    line = capsys.readouterr().out.strip().splitlines()[-1]
    assert "--min-move 0.02 --min-turn 1 " in line
    words = shlex.split(line.removeprefix("next:"))
    assert main([*words[1:-1], str(tmp_path / "data")]) == 0
    assert 190 < open_dataset(tmp_path / "data").frames < 210


def test_the_wheelbase_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bag = make_motion_bag(tmp_path / "bag", "ackermann", with_images=True)
    assert inspect(bag) == 1
    assert "--wheelbase METRES --out DATASET" in capsys.readouterr().out
    assert inspect(bag, "--wheelbase", "0.3") == 0
    assert "--wheelbase 0.3 --out DATASET" in capsys.readouterr().out


def test_several_bags_are_reported_each_and_one_bad_one_stops_nothing(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "fleet"
    shutil.copytree(bag, folder / "one")
    (folder / "two.mcap").write_text("no bag")
    shutil.copytree(bag, folder / "three")
    assert inspect(f"{folder}/*", "--json", tmp_path / "all.json") == 1
    printed = capsys.readouterr()
    assert printed.out.count("verdict:") == 2
    assert printed.err.startswith("slowfeat inspect: ")
    assert "two.mcap" in printed.err
    assert printed.err.count("\n") == 1
    records = json.loads((tmp_path / "all.json").read_text())["bags"]
    assert [record["trainable"] for record in records] == [True, True, False]
    assert "two.mcap" in records[2]["error"]


@pytest.mark.parametrize("content", [b"", b"no bag at all", b"\x89MCAP0\r\n"])
def test_what_is_no_bag_is_told_in_one_line(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bag.mcap"
    file.write_bytes(content)
    assert inspect(file) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("slowfeat inspect: ")
    assert str(file) in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "does not exist"),
        (["BAG", "--image-topic", "/up"], "has no topic /up"),
        (["BAG", "--odom-topic", "/camera/camera_info"], "is sensor_msgs/msg/CameraInfo"),
        (["BAG", "--max-odom-gap", "0"], "--max-odom-gap is 0"),
        (["BAG", "--html", "nowhere/a.html"], "its folder does not exist"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    words: list[str], says: str, bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inspect(*(bag if word == "BAG" else word for word in words)) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1


def test_a_bag_without_messages_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(image_topics=(), odom_topics=()))
    assert inspect(bag) == 1
    assert "there is no image topic" in capsys.readouterr().out


def test_a_dataset_is_described_and_its_hashes_compared(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["ingest", str(bag), "--out", str(data), "--size", "32x24"]) == 0
    capsys.readouterr()
    assert inspect(data, "--json", tmp_path / "a.json", "--html", tmp_path / "a.html") == 0
    printed = capsys.readouterr().out
    for text in ("299 frames of 32x24", "--size 32x24", "dropped: 1 image: cannot", "whole: every"):
        assert text in printed
    (record,) = json.loads((tmp_path / "a.json").read_text())["datasets"]
    assert record["frames"] == 299
    assert record["damage"] == []
    assert parse((tmp_path / "a.html").read_text()).open == []
    frames = next(data.rglob("frames.npy"))
    content = bytearray(frames.read_bytes())
    content[-1] ^= 1
    frames.write_bytes(content)
    assert inspect(data) == 1
    assert "frames.npy has changed since it was written" in capsys.readouterr().out
    frames.unlink()
    assert inspect(data) == 1
    assert "is damaged" in capsys.readouterr().out


def test_an_unfinished_dataset_is_told_in_one_line(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["ingest", str(bag), "--out", str(data)]) == 0
    state = json.loads((data / "dataset.json").read_text())
    (data / "dataset.json").write_text(json.dumps({**state, "complete": False}))
    capsys.readouterr()
    assert inspect(data) == 1
    printed = capsys.readouterr()
    assert "is not finished" in printed.err
    assert printed.err.count("\n") == 1


def test_looking_leaves_the_bag_as_it_was(bag: Path) -> None:
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in bag.rglob("*") if p.is_file()}
    inspect_bag(bag, IngestOptions())
    assert {
        p: (p.read_bytes(), p.stat().st_mtime_ns) for p in bag.rglob("*") if p.is_file()
    } == before
