"""A first layer of the convolutional auto-encoder."""

from tests.helpers.first_layers import first

__all__ = ["first"]
