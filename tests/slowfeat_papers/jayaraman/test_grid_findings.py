"""What is said of the grid of views follows the figures."""

from __future__ import annotations

from slowfeat_papers.jayaraman import grid_findings, published


def rows(**better):
    names = [*published.NORB_25, "equiv_drlim_nondiscrete", "lsm", "pixels", "tiny images"]
    usual = {
        "rho": 0.9,
        "rho_composite": 0.95,
        "gain": 0.1,
        "own_gain": 0.1,
        "knn": 0.2,
        "rank": 9.0,
    }
    return {name: [usual | better.get(name, {})] for name in names}


def test_what_is_said_follows_the_figures():
    good = {"rho": 0.5, "rho_composite": 0.6, "gain": 0.6, "knn": 0.5}
    best = {"rho": 0.4, "rho_composite": 0.5, "gain": 0.7, "knn": 0.6}
    poor = {"rho": 1.2, "gain": 0.0, "knn": 0.1}

    def said(found):
        return {
            f.row: f.agrees for f in grid_findings.findings(found, found, [{"rho": 1, "gain": 0}])
        }

    as_published = said(rows(equiv=good, equiv_drlim=best))
    assert all(as_published[row] for row in ("J2", "J3", "J6", "J8", "J9", "J10"))
    otherwise = said(rows(equiv=poor, equiv_drlim=poor))
    assert not any(otherwise[row] for row in ("J2", "J3", "J6", "J8", "J9", "J10", "J15", "J16"))
    assert as_published["J7"] is None
