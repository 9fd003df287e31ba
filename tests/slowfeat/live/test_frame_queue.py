"""The slot between two threads: the newest wins, what is lost is counted."""

from __future__ import annotations

import threading

from slowfeat.live.frame_queue import FrameQueue


def test_newest_frame_drives_out_the_oldest() -> None:
    queue: FrameQueue[int] = FrameQueue(2)
    assert [queue.put(frame) for frame in (1, 2, 3)] == [True, True, False]
    assert (queue.get(), queue.get(), queue.dropped) == (2, 3, 1)


def test_reader_waits_for_a_frame_and_ends_when_closed() -> None:
    queue: FrameQueue[int] = FrameQueue()
    got: list[int | None] = []

    def read() -> None:
        while (frame := queue.get()) is not None:
            got.append(frame)
        got.append(None)

    reader = threading.Thread(target=read)
    reader.start()
    queue.put(7)
    while not got:
        pass
    queue.close()
    reader.join(timeout=5)
    assert got == [7, None]
