"""A ROS domain of the demo's own."""

from __future__ import annotations

import os

import pytest

from slowfeat_trainer.demo import domain


class TestDomain:
    @pytest.fixture(autouse=True)
    def restored(self, monkeypatch):
        for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_LOCALHOST_ONLY"):
            monkeypatch.setenv(name, "")
        monkeypatch.setattr(domain, "use_profile", lambda: None)

    def test_it_is_chosen_and_kept_to_this_machine(self):
        chosen = domain.isolate()
        assert 1 <= chosen <= 101
        assert os.environ["ROS_DOMAIN_ID"] == str(chosen)
        assert os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"

    def test_the_users_own_stays(self, monkeypatch):
        monkeypatch.setenv("ROS_DOMAIN_ID", "42")
        assert domain.isolate() == 42

    def test_one_that_is_in_use_is_not_taken(self, monkeypatch):
        monkeypatch.setattr(domain, "_is_free", lambda candidate: candidate == 17)
        assert domain.free_domain() == 17
