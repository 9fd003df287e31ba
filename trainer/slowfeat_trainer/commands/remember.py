"""Make a labelled memory of views: what the robot recognises by, and looks for.

  slowfeat remember --model run1 --images my_images --out kitchen_memory
  slowfeat remember --model run1 my_bag --labels rooms.csv --out house_memory

my_images holds one folder a class, such as my_images/mug/*.png. rooms.csv has a line for each
stretch of the bag, start,end,label, in seconds from the bag's first message:

  start,end,label
  0,12.5,kitchen
  20,31,hall

The memory is a small folder; give it to the node as parameter memory. It belongs to the bundle that
made it, and is refused by any other.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.commands import remember as of_images
from slowfeat.errors import UsageError
from slowfeat.flags import DAY_S, number

if TYPE_CHECKING:
    from slowfeat.images import Image
    from slowfeat.scaled_decoding import Size

HELP = of_images.HELP
EVERY_S = 0.5


@dataclass(frozen=True)
class Stretch:
    """A labelled part of a bag: from start to end, s from its first message."""

    start_s: float
    end_s: float
    label: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("bag", nargs="?", type=Path, metavar="BAG", help="a bag, with --labels")
    of_images.add_arguments(parser)
    parser.add_argument(
        "--labels", type=Path, metavar="CSV", help="start,end,label of each stretch of BAG, s"
    )
    parser.add_argument("--image-topic", metavar="T", help="image topic, where the bag has several")
    parser.add_argument(
        "--every",
        type=number(0, DAY_S),
        default=EVERY_S,
        metavar="S",
        help=f"remember at most one frame in so many seconds [{EVERY_S:g}]",
    )


def run(args: argparse.Namespace) -> int:
    """Embed and write the memory."""
    if (args.bag is None) == (args.images is None):
        raise UsageError("give either --images FOLDER, or a BAG with --labels CSV")
    if args.bag is None:
        return of_images.run(args)
    if args.labels is None:
        raise UsageError(f"which part of {args.bag} shows what? give --labels CSV: start,end,label")
    if not args.every > 0:
        raise UsageError(f"--every {args.every:g}: give a time above 0")
    stretches = read_labels(args.labels)

    def views(wanted: Size | None) -> Iterator[tuple[str, str, Image]]:
        return labelled_frames(args.bag, args.image_topic, stretches, args.every, wanted)

    of_images.remember(args, views)
    return 0


def read_labels(path: Path) -> list[Stretch]:
    """The stretches of a CSV file with the columns start, end, label; the header line may be
    missing.

    Raises:
        UsageError: naming the line that is wrong.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), 1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"--labels {path} cannot be read: {error}") from error
    if rows and [cell.strip().lower() for cell in rows[0][1]] == ["start", "end", "label"]:
        rows = rows[1:]
    stretches = [_stretch(path, number, [cell.strip() for cell in row]) for number, row in rows]
    if not stretches:
        raise UsageError(f"--labels {path} holds no stretch; a line is start,end,label")
    return stretches


def _stretch(path: Path, number: int, row: list[str]) -> Stretch:
    try:
        start, end, label = row
        made = Stretch(float(start), float(end), label)
    except ValueError:
        raise UsageError(
            f"{path}, line {number}: {','.join(row)!r} is not start,end,label"
        ) from None
    if not (0 <= made.start_s < made.end_s < math.inf and label):
        raise UsageError(
            f"{path}, line {number}: needs 0 <= start < end, and a label: {','.join(row)!r}"
        )
    return made


def labelled_frames(
    bag: Path,
    topic: str | None,
    stretches: list[Stretch],
    every_s: float,
    wanted: Size | None = None,
) -> Iterator[tuple[str, str, Image]]:
    """Label, source and image, decoded for a wanted size, of frames received within the stretches.

    Raises:
        UsageError: a topic must be chosen, or no frame lies in any stretch.
        BagError: the bag cannot be read.
    """
    from slowfeat.images import decode_message
    from slowfeat.odometry import NS
    from slowfeat_trainer import bags
    from slowfeat_trainer.ingest.sensor_bits import sensor_bits

    with bags.open_bag(bag) as reader:
        image = bags.choose_topic(
            bags.topics_of(reader), bags.IMAGE_TYPES, topic, "image", "--image-topic", bag
        )
        bits = sensor_bits(reader, image)
        latest: dict[Stretch, float] = {}
        seconds = (reader.end_time - reader.start_time) / NS
        connections = [c for c in reader.connections if c.topic == image.name]
        for connection, received_ns, data in reader.messages(connections):
            at = (received_ns - reader.start_time) / NS
            for stretch in stretches:
                due = latest.get(stretch, -math.inf) + every_s - 1e-6
                if stretch.start_s <= at < stretch.end_s and at >= due:
                    latest[stretch] = at
                    message = reader.deserialize(data, connection.msgtype)
                    picture = decode_message(message, bits, wanted)
                    yield stretch.label, f"{bag.name} {at:.3f} s", picture
    missing = [stretch for stretch in stretches if stretch not in latest]
    if missing:
        raise UsageError(
            f"{bag}: no frame of {image.name} between {missing[0].start_s:g} and "
            f"{missing[0].end_s:g} s ({missing[0].label}); the bag lasts "
            f"{seconds:.1f} s"
        )
