"""Why a device did not do what it was asked: a code that pages translate, and a line without secrets."""


class OnvifFailed(Exception):
    """``refused``: user or password; trying again soon would lock the account."""

    def __init__(self, code: str, detail: str, *, refused: bool = False) -> None:
        super().__init__(detail)
        self.code, self.detail, self.refused = code, detail, refused
