"""Whatever stands in a file or on the command line: it is taken, or refused in one line of ours."""

from __future__ import annotations

import argparse
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from slowfeat import cli
from slowfeat.bundle import load_bundle, sha256, write_bundle
from slowfeat.cli import main
from slowfeat.errors import SlowfeatError
from slowfeat.flags import Within
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.train_config import config_of_preset, load_config, to_yaml
from slowfeat_trainer.data.pairs import split_recordings
from slowfeat_trainer.ingest.dataset import open_dataset
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.crashes import run_quietly
from tests.helpers.mutations import VALUES, damaged, mutated

# Cases an area; those of the slow run begin with these.
CASES = pytest.mark.parametrize("cases", [40, pytest.param(500, marks=pytest.mark.slow)])


def refused(step: Callable[[], object], case: object) -> bool:
    """Whether a step is refused, which is one short line; any other error fails the test."""
    try:
        step()
    except SlowfeatError as error:
        said = str(error)
        assert said.count("\n") == 0, (case, said)
        assert len(said) < 2000, (case, said)
        return True
    except Exception as error:
        pytest.fail(f"{case}: {type(error).__name__}: {error}")
    return False


@CASES
def test_configurations(cases: int, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    count = 0
    for case in range(cases):
        rng = random.Random(case)
        text = to_yaml(config_of_preset(rng.choice(list(PRESETS))))
        if rng.random() < 0.7:
            wrong = yaml.safe_dump(mutated(yaml.safe_load(text), rng), allow_unicode=True).encode()
        else:
            wrong = damaged(text.encode(), rng)
        file.write_bytes(wrong)
        count += refused(lambda: load_config(file), case)
    assert count > cases / 2


@CASES
def test_bundles(cases: int, tiny_bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, folder)
    names = ("bundle.json", "encoder.onnx", "transform.onnx")
    good = {name: (tiny_bundle / name).read_bytes() for name in names}
    count = 0
    for case in range(cases):
        rng = random.Random(case)
        about = json.loads(good["bundle.json"])
        wrong = dict(good)
        if rng.random() < 0.5:
            about = mutated(about, rng)
            wrong["bundle.json"] = json.dumps(about).encode()
        else:
            name = rng.choice(names)
            wrong[name] = damaged(good[name], rng)
            if name != "bundle.json" and rng.random() < 0.8:
                # Somebody who means harm gives the hash that fits.
                about["sha256"][name] = sha256(wrong[name])
                wrong["bundle.json"] = json.dumps(about).encode()
        for name, content in wrong.items():
            (folder / name).write_bytes(content)

        def use() -> None:
            bundle = load_bundle(folder)
            out = tmp_path / "again"
            write_bundle(out, bundle.info, bundle.encoder, bundle.transform, overwrite=True)

        count += refused(use, case)
    assert count > cases / 3


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wrong")
    bag = make_bag(folder / "bag", BagRecipe(frames=60))
    words = ["--out", str(folder / "data"), "--size", "16x16", "--min-pairs", "1"]
    assert main(["ingest", str(bag), *words]) == 0
    return folder / "data"


@CASES
def test_datasets(cases: int, dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(dataset, folder)
    files = sorted(file for file in dataset.rglob("*.*") if file.is_file() and file.suffix)
    count = 0
    for case in range(cases):
        rng = random.Random(case)
        good = rng.choice(files)
        target = folder / good.relative_to(dataset)
        if good.suffix == ".json" and rng.random() < 0.7:
            target.write_text(json.dumps(mutated(json.loads(good.read_text()), rng)))
        else:
            target.write_bytes(damaged(good.read_bytes(), rng))

        def use() -> None:
            data = open_dataset(folder)
            recordings = data.recordings()
            for damage in data.verify():
                raise SlowfeatError(damage)
            split = split_recordings(recordings, data.split)
            split.train.pairs_up_to(0.5)
            np.asarray(recordings[0].frames[:2])

        count += refused(use, case)
        shutil.copyfile(good, target)
    assert count > cases / 2


# Commands that begin to work without anything to read.
ACTS = ("run", "demo", "reproduce", "simulate", "pretrain", "presets")
# Flags that are for another way of working.
LEFT_OUT = ("--help", "--debug")


@pytest.fixture
def parsers() -> dict[str, list[argparse.Action]]:
    """The flags of each command that reads what does not exist, and so ends at once."""
    found = {}
    for action in cli.build_parser(cli.find_commands())._actions:
        if isinstance(action, argparse._SubParsersAction):
            found = {name: parser._actions for name, parser in action.choices.items()}
    return {name: found[name] for name in found if name not in ACTS}


def drawn_words(flags: list[argparse.Action], rng: random.Random) -> list[str]:
    """Some flags with values right and wrong; what a command reads does not exist."""
    words = ["nowhere"] if any(not flag.option_strings for flag in flags) else []
    able = [f for f in flags if f.option_strings and f.option_strings[-1] not in LEFT_OUT]
    required = [flag for flag in able if flag.required]
    for flag in [*required, *rng.sample(able, min(len(able), rng.randint(1, 4)))]:
        (option, *_) = flag.option_strings
        if flag.nargs == 0:
            words.append(option)
            continue
        bounds = flag.type
        good: list[object] = ["nowhere/at/all", "auto", "32x32", "0.5", "1", "time", "int8"]
        if isinstance(bounds, Within):
            good = [bounds.low, bounds.high, (bounds.low + bounds.high) // 2]
        value = rng.choice(good if rng.random() < 0.7 else VALUES)
        words.append(f"{option}={value}".replace("\0", ""))
    return words


@CASES
def test_words_of_the_command_line(
    cases: int, parsers: dict[str, list[argparse.Action]], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = cli.find_commands()
    monkeypatch.setattr(cli, "find_commands", lambda: commands)
    for case in range(cases):
        rng = random.Random(case)
        name = rng.choice(sorted(parsers))
        words = [name, *drawn_words(parsers[name], rng)]
        code, said = run_quietly(words)
        assert code in (1, 2), (words, said)
        (last,) = said.strip().splitlines()[-1:] or [""]
        assert last.startswith(f"slowfeat {name}: "), (words, said)
        assert "--debug shows where" not in said, (words, said)
        assert "\x1b" not in said, words
