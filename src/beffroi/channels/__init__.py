"""Ways out to people, for bell and chest: what hands a text to a peer. Silence is no success.

Each channel says that the peer took it, or raises ``Unavailable``.
"""

from typing import Protocol


class Channel(Protocol):
    """One way to reach people."""

    def hand_over(self, *, address: str, keys: dict[str, str], subject: str, text: str, message_id: str) -> bool:
        """Give the message to the peer. ``True``: the peer says it was delivered; ``False``: it took it and will say
        nothing (*unknown*). ``message_id`` is the same on every attempt, so that a peer can drop a repeat.

        Raises ``Unavailable`` when the peer did not take it.
        """
