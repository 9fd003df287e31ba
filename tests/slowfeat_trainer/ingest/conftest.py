"""Two short bags."""

from tests.helpers.made_dataset import bags

__all__ = ["bags"]
