"""How far a person of the centre reaches: the communes she is cleared for and the one whose own agent she is.

Requisitions, holds and accesses belong to the communes of their cameras. In an office that serves several communes,
an officer of one meets nothing of another: not in a list, not by an address, not as something to stop (I1).
"""

from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites


def communes_in_reach(person: PersonFacts) -> frozenset[str]:
    """INSEE codes of the communes whose persons and affairs are this person's."""
    return person.territory | ({people.home_of(person.id)} - {""})


def cameras_in_reach(person: PersonFacts) -> frozenset[str] | None:
    """Ids of the cameras, retired ones included, whose affairs are this person's; ``None``: all of them (DPO)."""
    if Role.DPO in person.roles:
        return None
    return sites.camera_ids_of(person.territory | {people.home_of(person.id)})
