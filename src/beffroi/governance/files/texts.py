"""Law packs, model conventions and model orders that ship with the program."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from beffroi.governance.core.law import LawPack
from beffroi.governance.core.law_text import parse_pack, require_predicates
from beffroi.governance.core.rules import ACCESS_PREDICATES
from beffroi.governance.core.rules_requisition import REQUISITION_PREDICATES
from beffroi.kernel.errors import NotFound

_DATA = files("beffroi.governance") / "data"


@cache
def law_packs() -> tuple[LawPack, ...]:
    """Every pack, oldest first. ``Corrupt`` when one names a rule that the program does not know."""
    packs = [parse_pack(one.read_text("utf-8")) for one in _yaml("law")]
    known = frozenset(ACCESS_PREDICATES) | frozenset(REQUISITION_PREDICATES)
    for pack in packs:
        require_predicates(pack, known)
    return tuple(sorted(packs, key=lambda pack: (pack.valid.start, pack.version)))


@cache
def model_conventions() -> dict[str, str]:
    """Name to text of the model conventions: ``petite-commune``, ``ville-tenue``, ``centre-partage``."""
    return {one.name.removesuffix(".yaml"): one.read_text("utf-8") for one in _yaml("conventions")}


def model_convention(name: str) -> str:
    """The text of one of them; ``NotFound``."""
    text = model_conventions().get(name)
    if text is None:
        known = ", ".join(sorted(model_conventions()))
        raise NotFound(f"There is no model convention {name!r}.", code="no_such_model", hint=f"There are: {known}.")
    return text


@cache
def model_orders() -> dict[str, str]:
    """Name to text of the model orders."""
    return {one.name.removesuffix(".yaml"): one.read_text("utf-8") for one in _yaml("orders")}


def _yaml(folder: str) -> list[Traversable]:
    found = [one for one in (_DATA / folder).iterdir() if one.name.endswith(".yaml")]
    return sorted(found, key=lambda one: one.name)
