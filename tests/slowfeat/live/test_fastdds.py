"""The Fast DDS profile: found, set, and never set against the user's will."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slowfeat.live import fastdds

NAME = "FASTDDS_DEFAULT_PROFILES_FILE"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROS_DISTRO", raising=False)
    # Set first, so that monkeypatch takes away what the code under test sets.
    monkeypatch.setenv(NAME, "")


def free_bytes(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    usage = type("Usage", (), {"free": number})
    monkeypatch.setattr(fastdds.shutil, "disk_usage", lambda _: usage)


def test_profile_is_found_and_set(monkeypatch: pytest.MonkeyPatch) -> None:
    free_bytes(monkeypatch, 1 << 30)
    assert fastdds.use_profile() is None
    assert Path(os.environ[NAME]).is_file()


def test_users_profile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "/etc/mine.xml")
    free_bytes(monkeypatch, 0)
    assert fastdds.use_profile() is None
    assert os.environ[NAME] == "/etc/mine.xml"


def test_small_shared_memory_is_said_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    free_bytes(monkeypatch, 64 << 20)
    monkeypatch.setenv(NAME, f"/opt/config/{fastdds.PROFILE}")  # as the launch file sets it
    assert "64 MB free" in str(fastdds.use_profile())
    assert NAME not in os.environ


def test_installed_profile_is_found_through_the_workspace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "share" / "slowfeat" / "config"
    config.mkdir(parents=True)
    (config / fastdds.PROFILE).touch()
    monkeypatch.setattr(fastdds, "__file__", str(tmp_path / "lib" / "slowfeat" / "nodes" / "x.py"))
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"/nowhere:{tmp_path}")
    assert fastdds.find_profile() == config / fastdds.PROFILE
