"""A wall opened before its recorder: the stream it asked for may turn out not to exist, and then another is chosen."""

import asyncio
from types import SimpleNamespace

from beffroi.media.core.words import GapCause
from beffroi.media.door.live_socket import _send_feed
from beffroi.media.ingest.tap import LiveState
from beffroi.media.live.viewers import Viewer


async def sent_until_it_returns(feed):
    viewer, sent = Viewer(), []

    async def send(message):
        sent.append(message)

    viewer.begin([LiveState(GapCause.RECORDER, "no_stream")])
    await asyncio.wait_for(_send_feed(SimpleNamespace(hevc=False), SimpleNamespace(), feed, viewer, send), 0.5)
    return sent


async def test_a_stream_that_does_not_exist_gives_way():
    sent = await sent_until_it_returns(SimpleNamespace(exists=False))
    assert len(sent) == 1


async def test_a_stream_that_is_only_silent_is_waited_for():
    try:
        await sent_until_it_returns(SimpleNamespace(exists=True))
    except TimeoutError:
        return
    raise AssertionError("a silent stream was left")
