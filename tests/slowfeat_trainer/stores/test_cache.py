"""Where copies of a store's things are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.stores.cache import VARIABLE, alone, cache_folder, place_of


def test_the_folder_is_what_the_user_names_else_the_desktops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "slowfeat"


def test_a_copy_keeps_its_name_and_no_other_address_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    place = place_of("s3://a/my bag/", "fetched")
    assert place.name == "my_bag"
    assert place == place_of("s3://a/my bag", "fetched")
    assert place != place_of("s3://b/my bag", "fetched")
    assert place_of("s3://a/..", "fetched").name == "root"


def test_one_process_at_a_time_and_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with alone(tmp_path / "x" / "bag"):
            assert (tmp_path / "x" / "lock").exists()
