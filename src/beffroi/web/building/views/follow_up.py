"""What the page of an ended alert or drill says of what was noticed and decided."""

from dataclasses import dataclass
from datetime import date

from django.forms import Form
from django.utils import timezone

from beffroi.safety.core.follow_up import Measure
from beffroi.safety.queries import follow_up as queries
from beffroi.web.building.forms_follow_up import MeasureForm, RemarkForm
from beffroi.web.building.words import MEASURES
from beffroi.web.shared.requests import OfficeRequest


@dataclass(frozen=True, slots=True)
class Row:
    """An action with how far it is, in words and by the look of its badge."""

    measure: Measure
    building: str
    said: object
    level: str


def follow_up_context(request: OfficeRequest, alert: str, building: str) -> dict[str, object]:
    """Observations, actions with how far each is, and their forms."""
    found = queries.follow_up(alert)
    return {
        "remarks": found.remarks,
        "measures": [_row(one, building, day_of(request)) for one in found.measures],
        "remark_form": RemarkForm(auto_id="remark_%s"),
        "measure_form": measure_form(request, building),
    }


def measure_form(request: OfficeRequest, building: str, *data: object) -> Form:
    """The form of an action, with those who may be given it."""
    known = [(str(one.id), one.called) for one in queries.owners(building, request.now)]
    return MeasureForm(*data, owners=known, today=day_of(request), auto_id="measure_%s")


def open_rows(request: OfficeRequest, buildings: list[str]) -> list[Row]:
    """What is still to be done in these buildings."""
    found = queries.open_measures_visible_to(request.person, buildings)
    return [_row(one.measure, one.building, day_of(request)) for one in found]


def day_of(request: OfficeRequest) -> date:
    """Today, where the centre is."""
    return timezone.localtime(request.now).date()


def _row(measure: Measure, building: str, today: date) -> Row:
    said, level = MEASURES[measure.state(today)]
    return Row(measure, building, said, level)
