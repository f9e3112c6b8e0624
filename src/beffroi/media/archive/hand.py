"""A thread that touches one disk: where that hangs, the thread does, and nobody waits for it, not even the end of the
process (the threads of ``concurrent.futures`` are waited for there).
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")
_Work = tuple["Future[object]", Callable[[], object]]


class Hand:
    """Does one thing after the other."""

    def __init__(self, name: str) -> None:
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def do(self, work: "Callable[[], _T]") -> "Future[_T]":
        """Begin it; the answer comes."""
        done: Future[_T] = Future()
        self._waiting.put((done, work))  # type: ignore[arg-type]
        return done

    def let_go(self) -> None:
        """The thread ends after what it does now."""
        self._waiting.put(None)

    def _run(self) -> None:
        while (one := self._waiting.get()) is not None:
            done, work = one
            try:
                found = work()
            except BaseException as error:  # noqa: BLE001  whatever it is, it is raised where the answer is waited for
                done.set_exception(error)
            else:
                done.set_result(found)
            del one, done, work
