"""A dataset made here, sent to a store whole or not at all; the commands that read from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slowfeat.cli import main
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.stores import fetch
from slowfeat_trainer.stores.sending import DatasetInStore
from tests.helpers.bag_factory import BagRecipe, make_bag

OUT = "memory://fleet/first"


def slowfeat(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bags")
    return [make_bag(folder / name, BagRecipe(frames=n)) for name, n in (("a", 150), ("b", 160))]


def put(store: Any, bag: Path) -> str:
    store.put(str(bag), f"/bags/{bag.name}", recursive=True)
    return f"memory://bags/{bag.name}"


def held(folder: Path) -> dict[str, bytes]:
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    found.pop(".lock", None)  # of this machine's own processes
    return found


def test_ingest_from_a_store_to_a_store_gives_the_dataset_of_paths(
    store: Any, cache: Path, bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--size", "24x16"]
    assert slowfeat("ingest", *bags, "--out", tmp_path / "here", *flags) == 0
    assert slowfeat("ingest", *(put(store, bag) for bag in bags), "--out", OUT, *flags) == 0
    assert f"{OUT}: 310 frames" in capsys.readouterr().out
    assert held(fetch(OUT)) == held(tmp_path / "here")
    assert not list(cache.glob("made/*/first"))


def test_a_bag_is_added_to_a_dataset_in_the_store(
    store: Any, bags: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("ingest", bags[0], "--out", OUT, "--size", "24x16") == 0
    assert slowfeat("ingest", bags[1], "--out", OUT, "--size", "24x16") == 0
    assert "sending 1 bags" in capsys.readouterr().err
    assert {entry.name for entry in open_dataset(fetch(OUT)).entries} == {"a", "b"}
    assert slowfeat("ingest", bags[1], "--out", OUT, "--size", "32x32") == 2
    assert "was made with other options" in capsys.readouterr().err


def test_a_dataset_that_is_sent_half_is_none_and_the_same_command_sends_it(
    store: Any,
    bags: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put_file = type(store).put_file

    def cut(self: Any, local: str, remote: str, *args: Any, **options: Any) -> Any:
        if remote.endswith("poses.npy"):
            raise ConnectionError("line cut")
        return put_file(self, local, remote, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "put_file", cut)
        assert slowfeat("ingest", bags[0], "--out", OUT, "--size", "24x16") == 1
    assert "line cut" in capsys.readouterr().err
    assert not store.exists("/fleet/first/dataset.json")
    assert slowfeat("inspect", OUT) == 2
    assert "holds no bag" in capsys.readouterr().err
    assert slowfeat("ingest", bags[0], "--out", OUT, "--size", "24x16") == 0
    assert "stands in" in capsys.readouterr().err
    assert open_dataset(fetch(OUT)).frames == 150


def test_bags_that_another_machine_added_meanwhile_are_not_lost(
    store: Any, bags: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    mine = DatasetInStore(OUT)
    assert slowfeat("ingest", bags[1], "--out", OUT, "--size", "24x16") == 0
    assert slowfeat("ingest", bags[0], "--out", mine.folder, "--size", "24x16") == 0
    assert slowfeat("ingest", bags[0], "--out", OUT, "--size", "24x16") == 1
    assert "from elsewhere" in capsys.readouterr().err
    state = json.loads(store.cat_file("/fleet/first/dataset.json"))
    assert [bag["name"] for bag in state["bags"]] == ["b"]


def test_inspect_reads_from_a_store(
    store: Any, bags: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    address = put(store, bags[0])
    assert slowfeat("inspect", address) in (0, 1)
    assert "150 of 150 images" in capsys.readouterr().out
    assert slowfeat("inspect", "memory://bags/none") == 2
    assert "memory://bags/none does not exist" in capsys.readouterr().err


@pytest.mark.slow
def test_train_and_evaluate_read_from_a_store(
    store: Any, bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("ingest", *bags, "--out", OUT, "--size", "32x32") == 0
    flags = ["--preset", "random", "--dimension", "8", "--batch-size", "16"]
    assert slowfeat("train", OUT, "--out", tmp_path / "run", *flags) == 0
    assert slowfeat("evaluate", tmp_path / "run", "--on", OUT) == 0
    assert "bundle's map" in capsys.readouterr().out


def test_a_file_address_is_written_where_it_says(bags: list[Path], tmp_path: Path) -> None:
    out = f"file://{tmp_path}/here"
    assert slowfeat("ingest", f"file://{bags[0]}", "--out", out, "--size", "24x16") == 0
    assert open_dataset(tmp_path / "here").frames == 150
