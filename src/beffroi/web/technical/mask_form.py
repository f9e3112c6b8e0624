"""Dwellings in the picture as text: one area a line, in hundredths of the picture. The drawing writes the same text."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.media.core.masking import MOST_SHAPES, Shape, fault_of
from beffroi.web.technical.words import MASK_FAULTS

_RECTANGLE = 4  # numbers: left, top, right, bottom


class MaskForm(forms.Form):
    """Dwellings in the picture: none, or areas in hundredths of its width and height."""

    areas = forms.CharField(
        label=_("Areas"),
        required=False,
        max_length=20_000,
        help_text=_(
            "One area a line, in hundredths of the picture. A rectangle: left, top, right, bottom, as 0 0 30 45. "
            "Any other shape: its corners one after the other, as 0 0 30 0 15 45. Empty: no dwelling is in view."
        ),
        widget=forms.Textarea(
            attrs={"rows": 4, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_areas(self) -> tuple[Shape, ...]:
        """Each line as a closed shape in thousandths."""
        lines = [line for line in self.cleaned_data["areas"].splitlines() if line.strip()]
        shapes = []
        for number, line in enumerate(lines, 1):
            try:
                numbers = [round(float(part) * 10) for part in line.replace(",", " ").split()]
            except (ValueError, OverflowError):
                numbers = []
            if len(numbers) < _RECTANGLE or len(numbers) % 2:
                raise forms.ValidationError(
                    _("Area %(n)d: four numbers for a rectangle, or two for each corner."), params={"n": number}
                )
            shapes.append(_shape(numbers))
            fault = "mask_many" if number > MOST_SHAPES else fault_of(shapes[-1])
            if fault:
                raise forms.ValidationError(_("Area %(n)d: %(why)s"), params={"n": number, "why": MASK_FAULTS[fault]})
        return tuple(shapes)


def text_of(shapes: Sequence[Shape]) -> str:
    """The areas as they are typed."""
    return "\n".join(" ".join(f"{value / 10:g}" for value in _numbers(shape)) for shape in shapes)


def _shape(numbers: Sequence[int]) -> Shape:
    if len(numbers) == _RECTANGLE:
        left, top, right, bottom = numbers
        return ((left, top), (right, top), (right, bottom), (left, bottom))
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _numbers(shape: Shape) -> list[int]:
    left, top, right, bottom = shape[0][0], shape[0][1], shape[-2][0], shape[-2][1]
    if shape == _shape((left, top, right, bottom)):
        return [left, top, right, bottom]
    return [value for point in shape for value in point]
