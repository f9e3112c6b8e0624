"""Waiting in tests: on a condition with a deadline, never for a fixed time."""

import threading
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar

Value = TypeVar("Value")
_STEP = 0.01


def until(condition: Callable[[], Value], timeout: float = 30.0, what: str = "") -> Value:
    """The first true value of ``condition``; ``AssertionError`` naming ``what`` after ``timeout`` seconds."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or getattr(condition, '__name__', condition)}")
        pause.wait(_STEP)


async def until_async(
    condition: Callable[[], Value | Awaitable[Value]],
    timeout: float = 30.0,  # noqa: ASYNC109  a test's own deadline, with its own words
    what: str = "",
) -> Value:
    """The same inside an event loop; ``condition`` may be a coroutine function."""
    import asyncio

    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if isawaitable(value):
            value = await value
        if value:
            return value  # type: ignore[return-value]
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or getattr(condition, '__name__', condition)}")
        await asyncio.sleep(_STEP)
