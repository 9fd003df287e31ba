"""What is said of drives follows the figures."""

from __future__ import annotations

from slowfeat_papers.jayaraman import driving_findings, published
from slowfeat_papers.jayaraman.drive_views import MAPS
from slowfeat_papers.jayaraman.pattern_picture import PatternPicture


def test_on_drives_an_order_of_errors_above_standing_still_does_not_agree():
    picture = PatternPicture("", "", True)
    own = {"own_rho": 1.0, "knn": 0.5}

    def said(offset):
        # Gains rise where the published errors fall.
        found = {
            n: [{"rho": v + offset, "gain": 1 - v, **own}] for n, v in published.RHO_ATOMIC.items()
        }
        found["pixels"] = found["random"]
        findings = driving_findings.findings({MAPS: found}, picture)
        return {f.row: f.agrees for f in findings}

    assert said(0.0)["J15"]
    assert said(0.0)["J12"]
    assert not said(0.5)["J15"]
    assert not said(0.5)["J12"]


def test_what_has_the_poses_of_odometry_is_said_to_be_the_same():
    row = [{"rho": 0.9, "gain": 0.1, "own_gain": 0.2}]
    finding = driving_findings.motion_sources(
        {"odometry": row, "tf": row, "noise": row}, ["tf"], {MAPS: {}}
    )
    assert finding.agrees is None
    assert "Read from tf, poses are those of odometry" in finding.says
    assert "noise: rho" in finding.says
    assert "bags bring" not in finding.says
