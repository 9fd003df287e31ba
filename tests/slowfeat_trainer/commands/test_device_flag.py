"""--device names a device, and a command says first what it computes on."""

from __future__ import annotations

import argparse

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands.device_flag import add_device_argument, at_work_on
from slowfeat_trainer.device.choice import choose_device


def parsed(*words: str, default: str = "auto") -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_device_argument(parser, default)
    return parser.parse_args(words)


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:3"])
def test_names_of_devices(name: str) -> None:
    assert parsed("--device", name).device == name
    assert parsed(default="cpu").device == "cpu"


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "cuda:1234", "mps", ""])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(argparse.ArgumentError, match="give auto, cpu, cuda or cuda:N"):
        parsed("--device", name)


def test_it_is_said_first(capsys: pytest.CaptureFixture[str]) -> None:
    with at_work_on(parsed("--device", "cpu"), "training") as device:
        assert capsys.readouterr().err.startswith("training on cpu: ")
        assert choose_device() == device


def test_a_gpu_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    missing = pytest.raises(UsageError, match="no GPU that PyTorch can use")
    with missing, at_work_on(parsed("--device", "cuda"), "training"):
        pass
