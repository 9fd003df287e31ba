"""Which levels of a network are taken, at strides of 4, 8 and 16: the last of the narrowest of each
size.

Narrow is where blocks meet: what is wide inside of a block says the same in more channels.
"""

from __future__ import annotations

from collections.abc import Mapping

from slowfeat.errors import UsageError

STRIDES = (4, 8, 16)


def last_of_each_stride(
    shapes: Mapping[str, tuple[int, ...]], size: tuple[int, int], network: str
) -> list[str]:
    """Names of the levels to take, fine ones first.

    Args:
        shapes: (N, channels, rows, columns) of what the network computes, by name, in this order.
        size: (h, w) of its input.
        network: its name, for the error.

    Raises:
        UsageError: nothing in it has such a size.
    """
    found: dict[int, tuple[int, str]] = {}
    for name, shape in shapes.items():
        if len(shape) != 4:
            continue
        for stride in STRIDES:
            if shape[2:] == (-(-size[0] // stride), -(-size[1] // stride)):
                narrowest = min(shape[1], found[stride][0]) if stride in found else shape[1]
                if shape[1] == narrowest:
                    found[stride] = shape[1], name
    if not found:
        raise UsageError(
            f"backbone {network}: nothing in it is a feature map 1/4, 1/8 or 1/16 as large as its "
            "input; name tensors of an ONNX file (onnx:FILE:TENSOR,TENSOR), or choose another "
            "network"
        )
    return [found[stride][1] for stride in STRIDES if stride in found]
