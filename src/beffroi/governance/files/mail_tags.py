"""Keys around the mailbox, derived from ``keys/secrets.key``: what makes tags, and what seals its password."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from beffroi.governance.core.mail_in import tag_of
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.media.core.secrets import KEY_BYTES, open_secret, seal_secret
from beffroi.sites.files import secrets_key


def tag_key() -> bytes:
    """What makes the tags of requisitions unguessable."""
    return _derived(b"beffroi mail tags 1")


def tag(number: str) -> str:
    """The tag that our mails about this requisition carry."""
    return tag_of(number, tag_key())


def seal(password: str, *, mailbox: str) -> str:
    """The mailbox's password as it lies in the database."""
    return seal_secret(_derived(b"beffroi mailbox 1"), password, camera=mailbox)


def unseal(sealed: str, *, mailbox: str) -> str:
    """The password; ``Unavailable`` when the key is another than when it was sealed."""
    try:
        return open_secret(_derived(b"beffroi mailbox 1"), sealed, camera=mailbox)
    except Invalid as error:
        raise Unavailable(
            "The mailbox's password cannot be read with this key.",
            code="inbox_secret",
            hint="Enter it again, or bring back keys/secrets.key from the backup.",
        ) from error


def _derived(what: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=what).derive(secrets_key())
