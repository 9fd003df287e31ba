"""Make a labelled memory of views: what the robot recognises by, and looks for.

  slowfeat remember --model run1 --images my_images --out kitchen_memory

my_images holds one folder a class, such as my_images/mug/*.png. The memory is a small folder; give
it to the node as parameter memory. It belongs to the bundle that made it, and is refused by any
other.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.errors import UsageError

if TYPE_CHECKING:
    from slowfeat.pixels import Image
    from slowfeat.scaled_decoding import Size

HELP = "make a labelled memory of views, for recognition and view selection"
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument(
        "--model",
        required=True,
        metavar="BUNDLE",
        help="bundle or run folder that embeds the views",
    )
    parser.add_argument(
        "--images",
        type=Path,
        metavar="FOLDER",
        help="images in one folder a class: FOLDER/CLASS/IMAGE",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="folder of the memory"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a memory that is there already"
    )


def run(args: argparse.Namespace) -> int:
    """Embed a folder's images and write the memory."""
    if args.images is None:
        raise UsageError("give --images FOLDER, with one folder of images a class")
    remember(args, lambda wanted: labelled_images(args.images, wanted))
    return 0


def remember(
    args: argparse.Namespace, views: Callable[[Size | None], Iterator[tuple[str, str, Image]]]
) -> None:
    """Embed views (label, source, image) with args.model, and write args.out whole or not at all.

    Args:
        args: model, out, overwrite, images.
        views: gives them, decoded for a (height, width) that is wanted; None: all pixels.

    Raises:
        UsageError: there is no view, or something stands at args.out.
    """
    from slowfeat.bundle import load_bundle
    from slowfeat.encoder import Encoder
    from slowfeat.memory import MEMORY_FOLDER, make_memory, write_memory
    from slowfeat.ownership import check_free

    # Before the work, not after it.
    inputs = [path for path in (args.model, args.images) if path is not None]
    check_free(args.out, MEMORY_FOLDER, args.overwrite, inputs)
    encoder = Encoder(load_bundle(args.model))
    labels, sources, embeddings = [], [], []
    for label, source, picture in views(encoder.info.wanted_size):
        labels.append(label)
        sources.append(source)
        embeddings.append(encoder.embed(picture))
    if not labels:
        raise UsageError("there is no view to remember")
    memory = make_memory(encoder.info, embeddings, labels, sources)
    write_memory(args.out, memory, args.overwrite, inputs)
    counts = ", ".join(f"{name} {labels.count(name)}" for name in memory.names)
    print(f"{args.out}: {len(labels)} views of {len(memory.names)} classes ({counts})")


def labelled_images(folder: Path, wanted: Size | None = None) -> Iterator[tuple[str, str, Image]]:
    """Class, path in the folder and image of each file in FOLDER/CLASS/, decoded for a wanted size.

    Raises:
        UsageError: no such folder, no images in it, or one that cannot be read.
    """
    from slowfeat.image_files import read_image_file

    if not folder.is_dir():
        raise UsageError(f"--images {folder} is no folder; give one of the form CLASS/IMAGE")
    files = [
        (child.name, file)
        for child in sorted(path for path in folder.iterdir() if path.is_dir())
        for file in sorted(child.rglob("*"))
        if file.suffix.lower() in ENDINGS
    ]
    if not files:
        raise UsageError(f"--images {folder} has no images of the form CLASS/IMAGE")
    for label, file in files:
        picture = read_image_file(file, wanted)
        if picture is None:
            raise UsageError(f"{file} cannot be read as an image; replace or remove it")
        yield label, str(file.relative_to(folder)), picture
