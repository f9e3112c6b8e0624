"""Anticipated failures. Each says what happened and where, and carries a hint: what the operator can do next.

``code`` is a stable identifier that pages translate; ``web.shared.errors`` maps the classes to HTTP status in one
table. Anything else that is raised is a fault of the program and ends the request with 500.
"""


class BeffroiError(Exception):
    """Base of the anticipated failures."""

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__.lower()
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotFound(BeffroiError):
    """Absent, or not for this person: the two look the same (I1)."""


class Invalid(BeffroiError):
    """The input is wrong. ``fields`` maps a field name to what is wrong with it."""

    def __init__(self, message: str, *, code: str = "", hint: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(message, code=code, hint=hint)
        self.fields = fields or {}


class Forbidden(BeffroiError):
    """A gate refused; ``article`` names the rule where the requester may know it."""

    def __init__(self, message: str, *, code: str = "", hint: str = "", article: str = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.article = article


class Conflict(BeffroiError):
    """The thing has moved on since it was read: the act does not fit its state."""


class Unavailable(BeffroiError):
    """Another part does not answer now; trying again is safe."""


class Corrupt(BeffroiError):
    """Stored bytes are not what was written: nothing is deleted, a person must look."""
