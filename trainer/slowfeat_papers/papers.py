"""The papers by name."""

from __future__ import annotations

from slowfeat_papers.goroshin2015 import GOROSHIN
from slowfeat_papers.jayaraman2017 import JAYARAMAN
from slowfeat_papers.material.part import Paper

PAPERS: dict[str, Paper] = {paper.name: paper for paper in (GOROSHIN, JAYARAMAN)}
