"""The storage files of one recording as one reader: what rosbags' AnyReader reads from."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from operator import attrgetter, itemgetter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal

import yaml
from rosbags.interfaces import Connection, MessageDefinition, MessageDefinitionFormat, TopicInfo
from rosbags.typesys.msg import normalize_msgtype

from slowfeat.errors import BagError
from slowfeat_trainer.bags.finding import natural_key, storage_files
from slowfeat_trainer.bags.packed import UNPACK_ERRORS, ZSTD_MAGIC, counted, unpack
from slowfeat_trainer.bags.storage_file import StorageFile

if TYPE_CHECKING:
    from types import TracebackType


# Serialisations that are read.
ROS1 = "ros1"
ROS_ENCODINGS = ("cdr", "", ROS1)
_NO_DEFINITION = MessageDefinition(MessageDefinitionFormat.NONE, "")


class RecordingFiles:
    """Reads a folder of storage files, or one file, as one recording; opened by `with`.

    Connections of one topic and type are one connection here, whichever file and publisher they
    come from. `damage` names in sentences what cannot be read, and `left_out` what can be but is
    not used, completely once the messages have been read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connections: list[Connection] = []
        self.damage: list[str] = []
        self.left_out: list[str] = []
        self._files: list[StorageFile] = []
        # For each file, its own connections' ids to ours.
        self._ours: list[dict[int, int]] = []
        # Whether messages are serialised as in ROS 1, whatever the container.
        self.is_ros1 = False
        self._undecodable = 0

    def __enter__(self) -> RecordingFiles:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        self.close()
        return False

    def _open(self) -> None:
        paths = self._paths()
        reasons = []
        for path in paths:
            file = StorageFile(path, self.damage, self.left_out)
            try:
                file.open()
            except BagError as error:
                reasons.append(str(error))
            else:
                self._files.append(file)
        if not self._files:
            told = [*reasons[:3], *(["..."] if len(reasons) > 3 else []), *self.damage[:3]]
            listed = "; ".join(told)
            raise BagError(f"{self.path} cannot be read as a bag: {listed}")
        self.damage += [reason for reason in reasons if reason not in self.damage]
        # The order of names is that of time, but for clocks that were set and files renamed.
        self._files.sort(key=attrgetter("start_time"))
        self._connect()

    def close(self) -> None:
        """Close all files."""
        files, self._files = self._files, []
        self.connections = []
        for file in files:
            file.close()

    def _paths(self) -> list[Path]:
        """The storage files: those that metadata.yaml names, else all that are there."""
        if not self.path.is_dir():
            return [self.path]
        there = sorted(storage_files(self.path), key=natural_key)
        if not there:
            raise BagError(f"{self.path} holds no .mcap, .db3 or .bag file: it is no bag")
        metadata = self.path / "metadata.yaml"
        if not metadata.exists():
            return there
        try:
            names = _named_files(metadata)
        except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
            self.damage.append("metadata.yaml cannot be read, all files of the folder are used")
            return there
        by_name = {path.name: path for path in there}
        # Early versions of rosbag2 name compressed files without their last suffix.
        found = {name: by_name.get(name, by_name.get(f"{name}.zstd")) for name in names}
        missing = [name for name, path in found.items() if path is None]
        if missing or not found:
            listed = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
            self.damage.append(
                f"files that metadata.yaml names are missing ({listed}), all files of the folder "
                "are used"
            )
            return there
        return [path for path in found.values() if path is not None]

    def _connect(self) -> None:
        """Unite the files' connections by topic and type."""
        known: dict[tuple[str, str], int] = {}
        for file in self._files:
            ours = {}
            for theirs in file.connections:
                extra: Any = theirs.ext
                encoding = getattr(extra, "serialization_format", "cdr")
                try:
                    kind = normalize_msgtype(theirs.msgtype)
                except ValueError:
                    kind = theirs.msgtype
                if encoding not in ROS_ENCODINGS:
                    # Not read, but named for what it is wherever topics are listed.
                    kind = f"{theirs.msgtype} in {encoding}"
                    theirs = theirs._replace(msgdef=_NO_DEFINITION, digest="")
                self.is_ros1 = self.is_ros1 or encoding == ROS1
                place = known.setdefault((theirs.topic, kind), len(known))
                ours[theirs.id] = place
                if place == len(self.connections):
                    self.connections.append(theirs._replace(id=place, msgtype=kind, owner=self))
                    continue
                one = self.connections[place]
                definition = one if one.msgdef.format != MessageDefinitionFormat.NONE else theirs
                self.connections[place] = one._replace(
                    msgcount=one.msgcount + theirs.msgcount,
                    msgdef=definition.msgdef,
                    digest=definition.digest,
                )
            self._ours.append(ours)

    @property
    def start_time(self) -> int:
        """Stamp of the first message in ns."""
        return min(file.start_time for file in self._files)

    @property
    def end_time(self) -> int:
        """1 ns after the stamp of the last message."""
        return max(file.end_time for file in self._files)

    @property
    def message_count(self) -> int:
        """How many messages the files say they hold."""
        return sum(connection.msgcount for connection in self.connections)

    @property
    def topics(self) -> dict[str, TopicInfo]:
        """Type, definition and number of messages of each topic."""
        by_topic: dict[str, list[Connection]] = {}
        for connection in self.connections:
            by_topic.setdefault(connection.topic, []).append(connection)
        return {
            topic: TopicInfo(
                connections[0].msgtype if len(connections) == 1 else None,
                connections[0].msgdef,
                sum(connection.msgcount for connection in connections),
                connections,
            )
            for topic, connections in by_topic.items()
        }

    def messages(
        self,
        connections: Collection[Connection] = (),
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """Connection, receive stamp in ns and serialised message, by time.

        Raises:
            BagError: the files promise messages, but none can be read.
        """
        wanted = {connection.id: connection for connection in connections or self.connections}
        streams = [
            self._file_messages(file, ours, wanted, start, stop)
            for file, ours in zip(self._files, self._ours, strict=True)
        ]
        ends = [file.end_time for file in self._files]
        starts = [file.start_time for file in self._files]
        if all(end <= begin for end, begin in zip(ends, starts[1:], strict=False)):
            for stream in streams:
                yield from stream
        else:
            yield from heapq.merge(*streams, key=itemgetter(1))
        promised = any(connection.msgcount for connection in wanted.values())
        if promised and start is None and stop is None and not any(f.given for f in self._files):
            raise BagError(f"{self.path}: nothing can be read; {'; '.join(self.damage[:3])}")

    def _file_messages(
        self,
        file: StorageFile,
        ours: dict[int, int],
        wanted: dict[int, Connection],
        start: int | None,
        stop: int | None,
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """The messages of one file, with our connections and without rosbag2's compression."""
        file.given = 0
        chosen = [c for c in file.connections if ours.get(c.id) in wanted]
        if not chosen:
            return
        as_ours = {c.id: wanted[ours[c.id]] for c in chosen}
        broken = 0
        for theirs, stamp, raw in file.messages(chosen, start, stop):
            # No serialised message begins like this, so no metadata.yaml is needed.
            if raw[:4] == ZSTD_MAGIC:
                try:
                    raw = unpack("zstd", raw)
                except UNPACK_ERRORS:
                    broken += 1
                    continue
            yield as_ours[theirs.id], stamp, raw
        if broken:
            lost = counted(broken, "compressed message")
            sentence = f"{file.path.name}: {lost} lost that cannot be unpacked"
            if sentence not in self.damage:
                self.damage.append(sentence)


def _named_files(metadata: Path) -> list[str]:
    """The names of the storage files that a metadata.yaml lists."""
    # In C where PyYAML has it: in Python this takes longer than all else that opens a bag.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(metadata.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - it is safe
    paths = content["rosbag2_bagfile_information"]["relative_file_paths"]
    return [PurePath(path).name for path in paths]
