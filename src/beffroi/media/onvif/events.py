"""A camera's events by ONVIF: one pull point, kept alive, opened anew when it is lost. Everything it says is hostile.

Of the address that a device gives for its subscription the path is taken and the host is not, as for its services.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from beffroi.media.core.device_events import Told, kind_of, truth_of
from beffroi.media.onvif.device import OnvifDevice, path_of
from beffroi.media.onvif.documents import Element, every, first, text
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.soap import EVENTS, NOTIFICATION

TERM_S = 120
PULL_S = 5
MAX_MESSAGES = 64
_ACTIONS = "http://www.onvif.org/ver10/events/wsdl"
_CREATE = f"{_ACTIONS}/EventPortType/CreatePullPointSubscriptionRequest"
_PULL = f"{_ACTIONS}/PullPointSubscription/PullMessagesRequest"
_MANAGER = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager"
_ANSWER_S = PULL_S + 6.0


@dataclass(frozen=True, slots=True)
class PullPoint:
    """A subscription at a device."""

    device: OnvifDevice
    path: str

    @classmethod
    def open(cls, device: OnvifDevice) -> "PullPoint":
        """Subscribe. ``OnvifFailed`` where the camera has no events or refuses."""
        body = (
            f'<CreatePullPointSubscription xmlns="{EVENTS}">'
            f"<InitialTerminationTime>PT{TERM_S}S</InitialTerminationTime></CreatePullPointSubscription>"
        )
        found = device.call(device.service(EVENTS), body, "CreatePullPointSubscriptionResponse", action=_CREATE)
        path = path_of(text(found, "SubscriptionReference", "Address"))
        if not path:
            raise OnvifFailed("onvif_unreadable", "the camera gives no address for its events")
        return cls(device, path)

    def pull(self) -> list[Told]:
        """What was told since the last pull; waits some seconds for it."""
        body = (
            f'<PullMessages xmlns="{EVENTS}"><Timeout>PT{PULL_S}S</Timeout>'
            f"<MessageLimit>{MAX_MESSAGES}</MessageLimit></PullMessages>"
        )
        found = self.device.call(self.path, body, "PullMessagesResponse", action=_PULL, timeout_s=_ANSWER_S)
        return told_in(found)

    def renew(self) -> None:
        """Let it live on."""
        body = f'<Renew xmlns="{NOTIFICATION}"><TerminationTime>PT{escape(str(TERM_S))}S</TerminationTime></Renew>'
        self.device.call(self.path, body, "RenewResponse", action=f"{_MANAGER}/RenewRequest")

    def close(self) -> None:
        """Unsubscribe: many cameras hold few subscriptions."""
        self.device.call(
            self.path, f'<Unsubscribe xmlns="{NOTIFICATION}"/>', "UnsubscribeResponse",
            action=f"{_MANAGER}/UnsubscribeRequest", timeout_s=2.0,
        )  # fmt: skip


def told_in(answer: Element) -> list[Told]:
    """The events of an answer that are listened to; all else is dropped here."""
    found = []
    for message in list(every(answer, "NotificationMessage"))[:MAX_MESSAGES]:
        kind = kind_of(text(message, "Topic"))
        data, source = first(message, "Data"), first(message, "Source")
        if kind is None or data is None:
            continue
        values = [truth_of(item.get("Value") or "") for item in every(data, "SimpleItem")]
        held = next((value for value in values if value is not None), None)
        if held is None:
            continue
        names = [item.get("Value") or "" for item in every(source, "SimpleItem")] if source is not None else []
        name = "".join(letter for letter in " ".join(names) if letter.isprintable())[:40]
        found.append(Told(kind, name, held))
    return found
