"""How a decoder's process is talked to, by the one that asks and the one that answers.

Each request on its standard input is two 4-byte lengths, init section, fragment; each answer a 4-byte length and what
was made (length 0: no picture in it). Apart from the decoder, so that who asks does not load one.
"""

import struct
from collections.abc import Callable
from typing import BinaryIO

HEAD = struct.Struct(">II")
ANSWER = struct.Struct(">I")
MAX_INPUT_BYTES = 64 * 1024 * 1024


def serve(source: BinaryIO, sink: BinaryIO, make: Callable[[bytes, bytes], bytes]) -> None:
    """Answer requests until ``source`` ends."""
    while len(head := source.read(HEAD.size)) == HEAD.size:
        lengths = HEAD.unpack(head)
        if sum(lengths) > MAX_INPUT_BYTES:
            return
        init, fragment = source.read(lengths[0]), source.read(lengths[1])
        picture = make(init, fragment)
        sink.write(ANSWER.pack(len(picture)) + picture)
        sink.flush()
