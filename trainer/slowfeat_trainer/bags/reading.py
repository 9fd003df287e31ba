"""Opening a bag of any kind and reading its messages."""

from __future__ import annotations

import struct
from collections.abc import Collection, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import apsw
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import MessageDefinitionFormat
from rosbags.rosbag1 import ReaderError as Bag1Error
from rosbags.rosbag2 import ReaderError as Bag2Error
from rosbags.serde import SerdeError
from rosbags.typesys import (
    Stores,
    TypesysError,
    get_types_from_idl,
    get_types_from_msg,
    get_typestore,
)

from slowfeat.errors import BagError, MachineError, MessageError, SlowfeatError, UsageError
from slowfeat_trainer.bags.definitions import is_bounded
from slowfeat_trainer.bags.packed import no_room, zstd
from slowfeat_trainer.bags.recording_files import RecordingFiles
from slowfeat_trainer.bags.storage_file import kind_of
from slowfeat_trainer.bags.typestore import default_typestore

if TYPE_CHECKING:
    from rosbags.interfaces import Connection, MessageDefinition
    from rosbags.interfaces.typing import Typesdict
    from rosbags.typesys.store import Typestore

# What reading a damaged or foreign file can raise inside rosbags and the storage libraries.
READ_ERRORS = (
    AnyReaderError,
    Bag1Error,
    Bag2Error,
    SerdeError,
    TypesysError,
    apsw.Error,
    zstd.ZstdError,
    struct.error,
    OSError,
    ValueError,
    KeyError,
    AssertionError,
)
# Where the types come from that are read.
NEEDED_PACKAGES = (
    "ackermann_msgs",
    "ffmpeg_image_transport_msgs",
    "foxglove_msgs",
    "geometry_msgs",
    "nav_msgs",
    "sensor_msgs",
    "std_msgs",
    "tf",
    "tf2_msgs",
)
# Types that are not read are looked at for their header only; a hostile bag defines thousands.
MOST_OTHERS = 200
_IDL_RULE = "=" * 80 + "\n"
# Name and text of a message type.
Definition = tuple[str, "MessageDefinition"]


class BagReader(AnyReader):
    """rosbags' AnyReader over the files of one recording, of which some may be damaged.

    A definition that cannot be parsed costs its own topic, not the bag; types without a definition
    are those of default_typestore().
    """

    def __init__(self, path: Path) -> None:
        # Not AnyReader's own: that refuses what RecordingFiles can read.
        self.paths = [path]
        self.is2 = not (path.is_file() and kind_of(path) == "bag1")
        self.stack: ExitStack | None = None
        self.connections = []
        self.default_typestore = default_typestore(self.is2)
        self.typestore = get_typestore(Stores.EMPTY)
        self._files = RecordingFiles(path)
        self.readers = cast("Any", [self._files])

    @property
    def damage(self) -> list[str]:
        """What cannot be read, in sentences; complete once the messages have been read."""
        return self._files.damage

    @property
    def left_out(self) -> list[str]:
        """What can be read and is not used, in sentences; complete when `damage` is."""
        return self._files.left_out

    def _open(self) -> None:
        if self.stack is None:
            raise AnyReaderError("the bag is not open")
        self.stack.enter_context(self._files)
        connections = list(self._files.connections)
        if self._files.is_ros1:
            self.is2 = False
            self.default_typestore = default_typestore(self.is2)
        for connection in connections:
            if _is_needed(connection) and _types_of(_definition(connection)) is None:
                self._say(f"{connection.topic}: its definition of {connection.msgtype} is broken")
        needed = {_definition(c): None for c in connections if _is_needed(c)}
        others = {_definition(c): None for c in connections if not _is_needed(c)}
        known = (*needed, *list(others)[:MOST_OTHERS])
        self.typestore = _typestore_of(known, self.is2)
        self.connections = connections
        for connection in connections:
            self._check_hash(connection)

    def _check_hash(self, connection: Connection) -> None:
        """Say it when a definition is not the one that the messages were written with."""
        if not _is_needed(connection):
            return
        if not connection.digest or connection.msgdef.format == MessageDefinitionFormat.NONE:
            return
        store, kind = self.typestore, connection.msgtype
        try:
            have = store.hash_rihs01(kind) if self.is2 else store.generate_msgdef(kind)[1]
        except Exception:  # a definition that lacks a part
            have = ""
        if have != connection.digest:
            self._say(f"{connection.topic}: its definition of {kind} and the hash of it disagree")

    def _say(self, sentence: str) -> None:
        if sentence not in self.damage:
            self.damage.append(sentence)

    def messages(
        self,
        connections: Collection[Connection] = (),
        start: int | None = None,
        stop: int | None = None,
    ) -> Generator[tuple[Connection, int, bytes], None, None]:
        """Connection, receive stamp in ns and serialised message, by time.

        Args:
            connections: those wanted; empty for all.
            start: the first stamp wanted, in ns.
            stop: the stamp before which to stop, in ns.

        Raises:
            BagError: the files promise messages, but none can be read.
        """
        try:
            yield from super().messages(connections, start, stop)
        except READ_ERRORS as error:
            raise _unreadable(self.paths[0], error) from error

    def deserialize(self, rawdata: bytes, typ: str) -> object:
        """The message that some bytes of the bag hold.

        Raises:
            MessageError: the bytes contradict the type.
        """
        try:
            return super().deserialize(rawdata, typ)
        except MemoryError:
            raise
        except Exception as error:  # whatever the generated code meets in foreign bytes
            raise _malformed(typ, error) from error


def _is_needed(connection: Connection) -> bool:
    """Whether messages of this type may be read here: of other topics
    nothing is lost that matters.
    """
    return connection.msgtype.partition("/")[0] in NEEDED_PACKAGES


def _malformed(kind: str, error: Exception) -> MessageError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return MessageError(f"a {kind} message is malformed: {reason}")


def _unreadable(path: object, error: Exception) -> SlowfeatError:
    if no_room(error) or isinstance(error, (apsw.FullError, apsw.NoMemError)):
        why = error.strerror if isinstance(error, OSError) else error
        return MachineError(
            f"{path} cannot be read on this machine: {why}; fix that, then try again"
        )
    reason = " ".join(str(error).split()) or type(error).__name__
    return BagError(f"{path} cannot be read as a bag: {reason}")


def _definition(connection: Connection) -> Definition:
    return connection.msgtype, connection.msgdef


# The bags of one robot define their types alike. Parsing the definitions, and the code that rosbags
# makes of them when the first message of a type is read, take as long as reading some thousand
# messages.
@lru_cache(maxsize=256)
def _types_of(definition: Definition) -> Typesdict | None:
    """The types that a definition defines; None where it cannot be parsed."""
    kind, (form, text) = definition
    types: Typesdict = {}
    try:
        if form == MessageDefinitionFormat.MSG:
            types = get_types_from_msg(text, kind)
        elif form == MessageDefinitionFormat.IDL and text.startswith(f"{_IDL_RULE}IDL: "):
            for part in text.split(_IDL_RULE)[1:]:
                types.update(get_types_from_idl(part.partition("\n")[2]))
        elif form == MessageDefinitionFormat.IDL:
            types = get_types_from_idl(text)
    except Exception:  # the parser meets foreign text
        return None
    return types if is_bounded(types) else None


@lru_cache(maxsize=16)
def _typestore_of(definitions: tuple[Definition, ...], is2: bool) -> Typestore:
    """The types of a bag's connections; what lacks a definition is as in default_typestore()."""
    types: Typesdict = {}
    for found in map(_types_of, definitions):
        types.update(found or {})
    if not all(map(_types_of, definitions)):
        types = {**default_typestore(is2).fielddefs, **types}
    typestore = get_typestore(Stores.EMPTY)
    typestore.register(types)
    return typestore


@contextmanager
def open_bag(path: Path) -> Iterator[BagReader]:
    """Open a bag: a rosbag2 folder, a .mcap or .db3 (.zstd), a ROS 1 .bag; whole or damaged.

    What of a damaged bag can be read is read; the reader's `damage` names the rest in sentences.

    Raises:
        UsageError: nothing stands at `path`.
        BagError: it is no bag, or nothing in it can be read; the reader's messages() raise it too.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"{path} does not exist; give a bag's folder or file")
    reader = BagReader(path)
    try:
        reader.open()
    except READ_ERRORS as error:
        raise _unreadable(path, error) from error
    # What the block itself does wrong is not the bag's fault, and passes as it is.
    with closing(reader):
        yield reader


def read_message(reader: AnyReader, raw: bytes, kind: str) -> Any:
    """The message that some bytes of a bag hold.

    Raises:
        MessageError: the bytes contradict the type.
    """
    try:
        return reader.deserialize(raw, kind)
    except MessageError:
        raise
    except Exception as error:  # from a plain AnyReader
        raise _malformed(kind, error) from error


def messages(reader: AnyReader, name: str, kind: str) -> Iterator[tuple[int, Any]]:
    """Receive stamps in ns and deserialised messages of one topic, in the order of the bag.

    Raises:
        MessageError: the bytes of a message contradict its type.
    """
    for connection, stamp, raw in raw_messages(reader, name, kind):
        yield stamp, read_message(reader, raw, connection.msgtype)


def raw_messages(
    reader: AnyReader, name: str, kind: str
) -> Iterator[tuple[Connection, int, bytes]]:
    """Connection, receive stamp in ns and serialised message of one topic."""
    chosen = [c for c in reader.connections if c.topic == name and c.msgtype == kind]
    if chosen:
        yield from reader.messages(connections=chosen)
