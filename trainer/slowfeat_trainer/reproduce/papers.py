"""The papers by name."""

from __future__ import annotations

from slowfeat_trainer.reproduce.goroshin2015 import GOROSHIN
from slowfeat_trainer.reproduce.jayaraman2017 import JAYARAMAN
from slowfeat_trainer.reproduce.part import Paper

PAPERS: dict[str, Paper] = {paper.name: paper for paper in (GOROSHIN, JAYARAMAN)}
