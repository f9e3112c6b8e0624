"""Tags and filters that every template has without loading: icons, times with zone, permissions, sizes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from beffroi.governance.core.telling import title_in
from beffroi.people.core.permissions import Permission

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; decorative unless it has a label."""
    href = f"{static('beffroi/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


SHOWN = {"minute": slice(16), "second": slice(19), "day": slice(10), "clock": slice(11, 19), "time": slice(11, 16)}
"""Which part of ``31/12/2026 23:59:59`` each form shows: in figures alone, the same in both languages."""


@register.filter
def at(value: datetime | None, form: str = "minute") -> SafeString | str:
    """A time in the centre's zone, as ``<time>`` with its offset: 02:30 twice a year is told apart (I10).

    ``form``: ``minute``, ``second``, ``day``, ``clock`` or ``time`` (time of day alone, with seconds or without).
    """
    if value is None:
        return ""
    local = timezone.localtime(value)
    whole = local.strftime("%d/%m/%Y %H:%M:%S")
    shown = whole[SHOWN[form]]
    offset = local.strftime("%z")
    twice = _ambiguous(local)
    if twice:
        shown = f"{shown} (UTC{offset[:3]}:{offset[3:]})"
    return format_html(
        '<time datetime="{}" title="{} UTC{}:{}">{}</time>',
        local.isoformat(),
        whole,
        offset[:3],
        offset[3:],
        shown,
    )


def _ambiguous(local: datetime) -> bool:
    naive = local.replace(tzinfo=None)
    zone = timezone.get_current_timezone()
    first = naive.replace(tzinfo=zone, fold=0).utcoffset()
    second = naive.replace(tzinfo=zone, fold=1).utcoffset()
    return first != second and first is not None and second is not None and first > second


@register.filter
def at_us(value: int | None, form: str = "second") -> SafeString | str:
    """The same for integer microseconds since 1970."""
    return "" if value is None else at(datetime.fromtimestamp(value / 1_000_000, UTC), form)


@register.filter
def period(start: datetime | None, end: datetime | None) -> SafeString:
    """From when to when, the date said once where both ends are of one day: ``23/11/2026 10:00 → 10:30``."""
    return _period(start, end, "minute", "time")


@register.filter
def period_seconds(start: datetime | None, end: datetime | None) -> SafeString:
    """The same to the second, for spans of footage."""
    return _period(start, end, "second", "clock")


@register.filter
def period_us(start: int, end: int | None) -> SafeString:
    """The same for integer microseconds since 1970; an end that is not there yet is an ellipsis."""
    first = datetime.fromtimestamp(start / 1_000_000, UTC)
    if end is None:
        return format_html("{} → …", at(first, "second"))
    return _period(first, datetime.fromtimestamp(end / 1_000_000, UTC), "second", "clock")


def _period(start: datetime | None, end: datetime | None, whole: str, within: str) -> SafeString:
    same = start is not None and end is not None and timezone.localdate(start) == timezone.localdate(end)
    return format_html("{} → {}", at(start, whole), at(end, within if same else whole))


@register.filter
def lasting(value: timedelta | None) -> str:
    """A length of time in words: days, hours and minutes; seconds below two minutes."""
    if value is None:
        return ""
    seconds = int(value.total_seconds())
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _("%(h)d h %(m)02d") % {"h": hours, "m": minutes}
    days, hours = divmod(hours, 24)
    return _("%(d)d d %(h)d h") % {"d": days, "h": hours}


@register.filter
def told(title: str) -> str:
    """The title of a message, in the language of the page: it was made in that of its mail."""
    return title_in(title, (get_language() or "fr")[:2])


@register.filter
def lookup(table: Mapping[Any, Any], key: object) -> Any:
    """What a table says of a key; the key itself where the table is silent."""
    return table.get(key, key)


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str) -> bool:
    """Whether the person holds a permission: ``{% may "desk:wall:open" as ok %}``. Hides links, opens nothing."""
    held: Any = context.get("held", frozenset())
    return Permission(permission) in held


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: object) -> str:
    """The present address's query with some values changed: for filters and pages of a table."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"
