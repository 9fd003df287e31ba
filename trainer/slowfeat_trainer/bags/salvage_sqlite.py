"""Reading a damaged SQLite bag: every leaf page of its tables, whether or not a tree leads there.

SQLite itself refuses a file that is cut off, and gives up at the first broken page of a tree. The
rows lie in leaf pages that can be known by their first byte, and a row of `messages` by the types
of its columns, so the pages are read one by one (sqlite.org/fileformat2.html, sections 1.6 and
2.1).
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import NamedTuple

from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag2,
    MessageDefinition,
    MessageDefinitionFormat,
)

from slowfeat_trainer.bags.packed import bytes_in_words, counted
from slowfeat_trainer.bags.salvage import SalvagedMessage, SalvageReader

_LEAF = 0x0D
# Inner pages and those of indexes; overflow pages begin with the number of a page, that is with 0
# in files below 64 GB.
_OTHER_PAGES = (0x00, 0x02, 0x05, 0x0A)
_PAGE_SIZES = tuple(1 << bits for bits in range(9, 17))
# Bytes of an integer column by its serial type; 8 and 9 are the constants 0 and 1.
_INTEGER_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}
_FORMATS = {b"ros2msg": MessageDefinitionFormat.MSG, b"ros2idl": MessageDefinitionFormat.IDL}
# Broken lengths say more than any row of a bag holds.
_MAX_PAYLOAD = 1 << 30


class Cell(NamedTuple):
    """One row: its id, the size of its record, the part that lies in
    the page, and where it goes on.
    """

    row: int
    size: int
    begin: int
    local: int
    overflow: int


class SalvageSqlite(SalvageReader):
    """Reads what is left of a .db3 file."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path, name)
        self._cells: dict[int, Cell] = {}
        self._definitions: dict[bytes, MessageDefinition] = {}
        self._topics: dict[int, tuple[bytes, bytes]] = {}
        self._page = 4096
        self._broken_pages = 0
        self._broken_rows = 0

    def scan(self, data: mmap.mmap) -> None:
        """Look into every page of the file."""
        (size,) = struct.unpack_from(">H", data[:18].ljust(18, b"\0"), 16)
        size = 65536 if size == 1 else size
        self._page = size if size in _PAGE_SIZES else 4096
        for start in range(0, len(data), self._page):
            self._leaf(data, start)
        (pages,) = struct.unpack_from(">I", data[:32].ljust(32, b"\0"), 28)
        missing = pages * self._page - len(data)
        if 0 < missing < 1 << 40:
            self.say(f"the last {bytes_in_words(missing)} are cut off")
        # Recorders number the rows without gaps, so a gap shows what lay on lost pages.
        gaps = max(self._cells) - min(self._cells) + 1 - len(self._cells) if self._cells else 0
        if gaps > 0:
            self.say(f"{counted(gaps, 'message')} missing between those that can be read")
        elif self._broken_rows:
            self.say(f"{counted(self._broken_rows, 'message')} broken or cut off")
        if self._broken_pages:
            self.say(f"{counted(self._broken_pages, 'page')} broken")
        for key, (topic, kind) in self._topics.items():
            definition = self._definitions.get(
                kind, MessageDefinition(MessageDefinitionFormat.NONE, "")
            )
            self.connections.append(
                Connection(
                    key,
                    topic.decode(errors="replace"),
                    kind.decode(errors="replace"),
                    definition,
                    "",
                    0,
                    ConnectionExtRosbag2("cdr", []),
                    self,
                )
            )

    def _leaf(self, data: mmap.mmap, start: int) -> None:
        """Take the rows of one page, if it is the leaf of a table."""
        # The first page begins with the file's header.
        head = start + 100 if start == 0 else start
        if head + 8 > len(data):
            return
        if data[head] != _LEAF:
            self._broken_pages += data[head] not in _OTHER_PAGES
            return
        (count,) = struct.unpack_from(">H", data, head + 3)
        end = min(start + self._page, len(data))
        broken = 8 + 2 * count > self._page
        for k in range(0 if broken else count):
            if head + 10 + 2 * k > len(data):
                self._broken_rows += 1
                continue
            (offset,) = struct.unpack_from(">H", data, head + 8 + 2 * k)
            if not 8 + 2 * count <= offset < self._page:
                broken = True
                continue
            cell = self._cell(data, start + offset, end)
            if cell is None:
                self._broken_rows += 1
            else:
                self._row(data, cell)
        self._broken_pages += broken

    def _cell(self, data: mmap.mmap, at: int, end: int) -> Cell | None:
        """The row whose cell begins at `at` in a page that ends at `end`."""
        try:
            size, at = _varint(data, at, end)
            row, at = _varint(data, at, end)
        except IndexError:
            return None
        usable = self._page
        local, most = size, usable - 35
        overflow = 0
        if size > most:
            # As SQLite splits what does not fit: the rest fills whole overflow pages if it can.
            least = (usable - 12) * 32 // 255 - 23
            local = least + (size - least) % (usable - 4)
            local = local if local <= most else least
            if at + local + 4 > end:
                return None
            (overflow,) = struct.unpack_from(">I", data, at + local)
        if size > _MAX_PAYLOAD or at + local > end:
            return None
        return Cell(row, size, at, local, overflow)

    def _row(self, data: mmap.mmap, cell: Cell) -> None:
        """Note a row that is a message, a topic or a message definition; leave out all else."""
        head = data[cell.begin : cell.begin + cell.local]
        try:
            types, at = _column_types(head)
        except IndexError:
            return
        if len(types) == 4 and types[0] == 0 and types[3] >= 12 and types[3] % 2 == 0:
            if types[1] not in _INTEGER_BYTES or types[2] not in _INTEGER_BYTES or types[2] == 0:
                return
            topic, at = _integer(head, at, types[1])
            stamp, at = _integer(head, at, types[2])
            length = (types[3] - 12) // 2
            if at + length != cell.size or self._chain(data, cell) is None:
                self._broken_rows += 1
                return
            # Rows on pages that SQLite has given up may be there twice; the id decides.
            if cell.row not in self._cells:
                self._cells[cell.row] = cell
                self.found.append(SalvagedMessage(stamp, cell.row, at, length, topic))
        elif 5 <= len(types) <= 7 and types[0] == 0 and all(t >= 13 and t % 2 for t in types[1:4]):
            self._describe(data, cell, types, at)

    def _describe(self, data: mmap.mmap, cell: Cell, types: list[int], at: int) -> None:
        """Note a topic, or a message definition: rows that begin with three texts."""
        content = self._payload(data, cell)
        if content is None:
            return
        texts = []
        for kind in types[1:4]:
            size = (kind - 13) // 2
            texts.append(content[at : at + size])
            at += size
        if texts[1] in _FORMATS:
            definition = MessageDefinition(_FORMATS[texts[1]], texts[2].decode(errors="replace"))
            self._definitions.setdefault(texts[0], definition)
        elif texts[2] == b"cdr":
            self._topics.setdefault(cell.row, (texts[0], texts[1]))

    def _chain(self, data: mmap.mmap, cell: Cell) -> list[int] | None:
        """Where the overflow pages of a row begin; None when the chain breaks."""
        rest = cell.size - cell.local
        page, starts = cell.overflow, []
        while rest > 0:
            start = (page - 1) * self._page
            if page < 2 or start + 4 + min(rest, self._page - 4) > len(data):
                return None
            starts.append(start)
            (page,) = struct.unpack_from(">I", data, start)
            rest -= self._page - 4
        return starts

    def _payload(self, data: mmap.mmap, cell: Cell) -> bytes | None:
        """The whole record of a row."""
        starts = self._chain(data, cell)
        if starts is None:
            return None
        parts = [data[cell.begin : cell.begin + cell.local]]
        parts += [data[start + 4 : start + self._page] for start in starts]
        return b"".join(parts)[: cell.size]

    def read(self, data: mmap.mmap, message: SalvagedMessage) -> bytes | None:
        """The bytes of one message."""
        content = self._payload(data, self._cells[message.block])
        return None if content is None else content[message.offset :]


def _varint(data: mmap.mmap | bytes, at: int, end: int) -> tuple[int, int]:
    """SQLite's integer of 1 to 9 bytes, and where the next field begins."""
    value = 0
    for k in range(9):
        if at >= end:
            raise IndexError("a number runs over the end of its page")
        byte = data[at]
        at += 1
        if k == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at


def _column_types(head: bytes) -> tuple[list[int], int]:
    """Serial types of a record's columns, and where their values begin."""
    size, at = _varint(head, 0, len(head))
    types: list[int] = []
    while at < size and len(types) < 16:
        kind, at = _varint(head, at, min(size, len(head)))
        types.append(kind)
    return types, at


def _integer(head: bytes, at: int, kind: int) -> tuple[int, int]:
    """An integer column, and where the next one begins."""
    size = _INTEGER_BYTES[kind]
    if not size:
        return int(kind == 9), at
    return int.from_bytes(head[at : at + size], "big", signed=True), at + size
