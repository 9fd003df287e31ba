"""One storage file of a bag: rosbags' reader for as long as it holds,
then the one for damaged files.
"""

from __future__ import annotations

import shutil
import sqlite3
import stat
from array import array
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rosbags.rosbag1 import Reader as Bag1Reader
from rosbags.rosbag2.storage_sqlite3 import Sqlite3Reader

from slowfeat.errors import BagError
from slowfeat.files import writing
from slowfeat_trainer.bags.bounded_file import BoundedPath
from slowfeat_trainer.bags.mcap_reader import ChunkedMcapReader
from slowfeat_trainer.bags.packed import (
    UNPACK_ERRORS,
    ZSTD_MAGIC,
    bytes_in_words,
    counted,
    no_room,
    zstd,
)
from slowfeat_trainer.bags.salvage import SalvageReader
from slowfeat_trainer.bags.salvage_bag1 import SalvageBag1
from slowfeat_trainer.bags.salvage_mcap import SalvageMcap
from slowfeat_trainer.bags.salvage_sqlite import SalvageSqlite

if TYPE_CHECKING:
    from rosbags.interfaces import Connection

SUFFIXES = {".mcap": "mcap", ".db3": "sqlite3", ".bag": "bag1", ".active": "bag1"}
_MAGICS = {b"\x89MCAP": "mcap", b"SQLit": "sqlite3", b"#ROSB": "bag1"}
_SALVAGE: dict[str, type[SalvageReader]] = {
    "mcap": SalvageMcap,
    "sqlite3": SalvageSqlite,
    "bag1": SalvageBag1,
}
_COPY_BYTES, _PIECE_BYTES = 1 << 20, 1 << 24
# A recording that is compressed as a whole unpacks to at most so much, or so many times its size.
_UNPACKED_BYTES, _UNPACKED_TIMES = 1 << 30, 100
# Times of receipt from here on (in the year 2116) are those of a clock that was never set.
MOST_STAMP = 1 << 62


def is_compressed(path: Path) -> bool:
    """Whether a file's name says that rosbag2 compressed it as a whole."""
    return path.suffix in (".zstd", ".zst")


def kind_of(path: Path) -> str | None:
    """The storage that a file's name promises (mcap, sqlite3, bag1), or else its first bytes."""
    inner = path.with_suffix("") if is_compressed(path) else path
    if inner.suffix in SUFFIXES:
        return SUFFIXES[inner.suffix]
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would wait for a writer
            return None
    with suppress(OSError), path.open("rb") as stream:
        return _MAGICS.get(stream.read(5))
    return None


class StorageFile:
    """A .mcap, .db3 or .bag file, compressed or not, whole or damaged.

    Args:
        path: the file.
        damage: where to say what cannot be read.
        left_out: where to say what can be, and is not used.
    """

    def __init__(self, path: Path, damage: list[str], left_out: list[str]) -> None:
        self.path = path
        self.connections: list[Connection] = []
        self._damage, self._left_out = damage, left_out
        self._reader: Any = None
        self._salvaging = False
        self._expected = 0
        # How many messages the last iteration gave.
        self.given = 0
        self._plain = path
        self._folder: TemporaryDirectory[str] | None = None
        self.kind = kind_of(path) or ""

    def open(self) -> None:
        """Open the file for reading.

        Raises:
            BagError: it is no bag, or nothing in it can be read.
            OSError: it must not be read, or the disk is full.
        """
        if self.kind not in _SALVAGE:
            raise BagError(f"{self.path.name} is neither .mcap, .db3 nor .bag")
        if not stat.S_ISREG(self.path.stat().st_mode):
            raise BagError(f"{self.path.name} is a device or a pipe, no file")
        try:
            # A file that must not be read is the user's mistake, not damage.
            with self.path.open("rb"):
                pass
            self._plain = self._unpacked()
            self._open_healthy()
        except BaseException:
            self.close()
            raise

    def _open_healthy(self) -> None:
        reader: Any
        if self.kind == "mcap":
            reader = ChunkedMcapReader(BoundedPath(self._plain))
        elif self.kind == "sqlite3":
            reader = Sqlite3Reader(self._plain)
        else:
            reader = Bag1Reader(BoundedPath(self._plain))
        try:
            reader.open()
        except Exception as error:  # whatever rosbags meets in foreign bytes
            if no_room(error):
                raise
            self._salvage()
            return
        self._reader = reader
        self.connections = list(reader.connections)
        counted_twice = sum(connection.msgcount for connection in self.connections)
        self._expected = max(counted_twice, 0 if self.kind == "bag1" else self._times.message_count)
        # Messages without chunks lie in the order of their arrival, and rosbags refuses those that
        # are out of order.
        unordered = self.kind == "mcap" and not reader.chunks and self._expected
        if unordered or self._expected > counted_twice:
            self._close_reader()
            self._salvage()
            self._tell_missing(self._reader.message_count)

    def _salvage(self) -> None:
        """Go over to the reader for damaged files."""
        reader = _SALVAGE[self.kind](self._plain, self.path.name)
        reader.open()
        self._salvaging = True
        self._reader = reader
        if not self.connections:
            self.connections = list(reader.connections)
        self._note(reader.damage)

    def _note(self, sentences: list[str]) -> None:
        self._damage += [sentence for sentence in sentences if sentence not in self._damage]

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(Exception):
                reader.close()

    def close(self) -> None:
        """Close the file and remove what was unpacked."""
        self._close_reader()
        self.connections = []
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    @property
    def _times(self) -> Any:
        """Where the reader has its times: rosbags' storages have them under metadata."""
        return getattr(self._reader, "metadata", self._reader)

    @property
    def start_time(self) -> int:
        """Stamp of the first message in ns."""
        return min(int(self._times.start_time), MOST_STAMP)

    @property
    def end_time(self) -> int:
        """1 ns after the stamp of the last message."""
        return min(int(self._times.end_time), MOST_STAMP)

    def messages(
        self, connections: Collection[Connection], start: int | None, stop: int | None
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """Connection (of this file), receive stamp in ns and bytes, by time.

        Where rosbags' reader fails on the way, the salvaging one goes on behind what came already.
        """
        # Eight bytes a message: what has come, should the file turn out to be damaged.
        given = {connection.id: array("q") for connection in connections}
        wanted = {connection.id: connection for connection in connections}
        whole = start is None and stop is None
        impossible: Counter[int] = Counter()
        if not self._salvaging:
            try:
                for message in self._reader.messages(connections, start, stop):
                    if not 0 <= message[1] < MOST_STAMP:
                        impossible[message[0].id] += 1
                        continue
                    given[message[0].id].append(message[1])
                    yield message
            except Exception as error:  # whatever rosbags meets in foreign bytes
                if no_room(error):
                    raise
                self._change_over()
            else:
                # A wrong time or length in an index makes rosbags leave out messages silently.
                self.given = sum(map(len, given.values()))
                self._tell_impossible(impossible.total())
                if not whole or all(
                    len(given[c.id]) + impossible[c.id] >= c.msgcount for c in connections
                ):
                    return
                self._change_over()
        self._expected = sum(connection.msgcount for connection in connections)
        yield from self._salvaged(wanted, given, start, stop)
        self.given = sum(map(len, given.values()))
        self._note(self._reader.damage)
        if whole:
            self._tell_missing(self.given)

    def _tell_impossible(self, count: int) -> None:
        """Say how many messages were left out for their time of receipt."""
        if count:
            clock = "with an impossible time of receipt (a clock that was never set) left out"
            sentence = f"{self.path.name}: {counted(count, 'message')} {clock}"
            if sentence not in self._left_out:
                self._left_out.append(sentence)

    def _tell_missing(self, found: int) -> None:
        """Report that messages are missing where no other sentence says why."""
        missing = self._expected - found
        if missing > 0 and not self._reader.damage:
            lost = f"{self.path.name}: {counted(missing, 'message')} of {self._expected} missing"
            self._note([lost])

    def _salvaged(
        self,
        wanted: dict[int, Connection],
        given: dict[int, array[int]],
        start: int | None,
        stop: int | None,
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """The messages of the salvaging reader but those in `given`, which grows by them."""
        seen = {key: Counter(stamps) for key, stamps in given.items()}
        chosen = [c for c in self._reader.connections if c.id in wanted]
        impossible = 0
        for connection, stamp, raw in self._reader.messages(chosen, start, stop):
            if not 0 <= stamp < MOST_STAMP:
                impossible += 1
                continue
            if seen[connection.id][stamp] > 0:
                seen[connection.id][stamp] -= 1
            else:
                given[connection.id].append(stamp)
                yield wanted[connection.id], stamp, raw
        self._tell_impossible(impossible)
        self._expected -= impossible

    def _change_over(self) -> None:
        """Replace the reader in the middle of reading."""
        if self._salvaging:  # another iteration over this file came first
            return
        self._close_reader()
        try:
            self._salvage()
        except BagError as error:
            self._reader = _Nothing(str(error))
            self._note(self._reader.damage)
            self._salvaging = True

    def _unpacked(self) -> Path:
        """The file itself, or a copy of it without compression or with its journal worked in."""
        journals = [self.path.with_name(self.path.name + end) for end in ("-wal", "-journal")]
        journals = [file for file in journals if file.is_file() and file.stat().st_size]
        if is_compressed(self.path):
            plain = self._copy_to(self.path.with_suffix("").name)
            self._decompress(plain)
            return plain
        if self.kind == "sqlite3" and journals:
            # Opening it in place would change the user's files.
            plain = self._copy_to(self.path.name)
            with writing(plain):
                for file in [self.path, *journals]:
                    shutil.copyfile(file, plain.with_name(file.name))
            if not _work_in_journal(plain):
                lost = "SQLite rejects its -wal file, the messages in that are lost"
                self._note([f"{self.path.name}: {lost}"])
            return plain
        return self.path

    def _copy_to(self, name: str) -> Path:
        self._folder = TemporaryDirectory(prefix="slowfeat_bag_")
        return Path(self._folder.name, name)

    def _decompress(self, plain: Path) -> None:
        """Unpack a whole file; of a damaged one, the front.

        Raises:
            BagError: it is not compressed, or unpacks to more than a recording does.
            MachineError: there is no room to unpack it to.
        """
        size = self.path.stat().st_size
        most = max(_UNPACKED_BYTES, size * _UNPACKED_TIMES)
        taken = given = 0
        with self.path.open("rb") as source, writing(plain), plain.open("wb") as target:
            if source.read(4) != ZSTD_MAGIC:
                raise BagError(f"{self.path.name} is not compressed with zstd, despite its name")
            source.seek(0)
            unpacker, block, in_frame = zstd.ZstdDecompressor(), b"", False
            while block or not unpacker.needs_input or (block := source.read(_COPY_BYTES)):
                try:
                    piece = unpacker.decompress(block, max_length=_PIECE_BYTES)
                except UNPACK_ERRORS:
                    rest = bytes_in_words(size - taken)
                    self._note([f"{self.path.name}: about {rest} do not unpack"])
                    return
                taken += len(block)
                block, in_frame = b"", True
                if unpacker.eof:  # one frame after the other
                    block, in_frame = unpacker.unused_data, False
                    taken -= len(block)
                    unpacker = zstd.ZstdDecompressor()
                target.write(piece)
                given += len(piece)
                if given > most:
                    raise BagError(
                        f"{self.path.name} unpacks to more than {bytes_in_words(most)}, which no "
                        f"recording of {bytes_in_words(size)} does; unpack it with zstd -d where "
                        "it is sound"
                    )
            if in_frame:
                self._note([f"{self.path.name}: the compressed file is cut off"])


def _work_in_journal(database: Path) -> bool:
    """Bring a copied database up to date; False when a write-ahead log has no valid page.

    A damaged database stays as it is.
    """
    pages = 1
    log = database.with_name(f"{database.name}-wal").exists()
    connection = sqlite3.connect(database)
    with suppress(sqlite3.Error):
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    connection.close()
    # -1 where the database does not use a log.
    return not log or pages != 0


class _Nothing:
    """The reader of a file in which nothing more can be read."""

    connections: tuple[Connection, ...] = ()
    start_time = 2**63 - 1
    end_time = 0

    def __init__(self, reason: str) -> None:
        self.damage = [reason]

    def messages(self, *_: object) -> Iterator[tuple[Connection, int, bytes]]:
        return iter(())

    def close(self) -> None:
        pass
