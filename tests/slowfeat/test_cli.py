"""The program: help, exit codes, and errors of one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from slowfeat import cli
from slowfeat.errors import SlowfeatError, UsageError


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slowfeat", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_help_lists_every_command_with_a_line() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("demo", "evaluate", "inspect", "run", "simulate", "train"):
        assert f"\n    {command} " in done.stdout


def test_help_of_no_command_imports_what_is_slow_to_import() -> None:
    """One process makes the parsers of all commands, as slowfeat --help does."""
    heavy = (
        "torch",
        "torchvision",
        "numpy",
        "cv2",
        "onnx",
        "onnxruntime",
        "rosbags",
        "yaml",
        "tqdm",
    )
    heavy += ("rclpy", "vizdoom", "ray", "optuna", "fsspec", "safetensors", "tensorboard", "scipy")
    script = f"""
import sys
from slowfeat import cli
for name in sorted(cli.find_commands()):
    parser = cli.build_parser(cli.find_commands(), name)
    assert name in parser.format_help(), name
    for heavy in {heavy}:
        assert heavy not in sys.modules, f"slowfeat {{name}} --help imports {{heavy}}"
print(len(cli.find_commands()))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 15


@pytest.mark.parametrize("words", [(), ("fly",), ("train",), ("train", "bag")])
def test_wrong_use_is_exit_code_2(words: tuple[str, ...]) -> None:
    assert run(*words).returncode == 2


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (SlowfeatError("the work failed"), 1, "slowfeat inspect: the work failed"),
        (UsageError("no such thing"), 2, "slowfeat inspect: no such thing"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ModuleNotFoundError("x", name="torch"), 1, "pip install 'slowfeat[train]'"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (ZeroDivisionError("a\nb"), 1, "ZeroDivisionError: a (--debug shows where)"),
    ],
)
def test_errors_become_one_line_and_an_exit_code(
    error: BaseException,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr("slowfeat_trainer.commands.inspect.run", fail)
    assert cli.main(["inspect", "bag"]) == code
    printed = capsys.readouterr().err
    assert says in printed
    assert printed.count("\n") == 1


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise SlowfeatError("the work failed")

    monkeypatch.setattr("slowfeat_trainer.commands.inspect.run", fail)
    with pytest.raises(SlowfeatError):
        cli.main(["inspect", "bag", "--debug"])
