"""Which mailbox of the centre is read. What is entered is tried at once, and its password is never shown again."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.channels.inbox import InboxAddress
from beffroi.governance.actions import mail as acts
from beffroi.governance.queries import mail as queries
from beffroi.kernel.errors import Invalid
from beffroi.sites import queries as sites
from beffroi.web.shared.mail_words import MAILBOX_TROUBLES
from beffroi.web.shared.requests import OfficeRequest

SECRETS = [("tls", gettext_lazy("TLS at once (993)")), ("starttls", gettext_lazy("STARTTLS (143)"))]


class MailboxForm(forms.Form):
    """Where it is, and what opens it."""

    host = forms.RegexField(
        r"^[A-Za-z0-9.-]+$", label=gettext_lazy("Server (IMAP)"), max_length=200,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65_535, initial=993)
    secrecy = forms.ChoiceField(
        label=gettext_lazy("Encryption"), choices=SECRETS, initial="tls",
        help_text=gettext_lazy("The server's certificate is checked; nothing is sent in clear."),
    )  # fmt: skip
    user = forms.CharField(
        label=gettext_lazy("User"), max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=255, required=False, strip=False,
        help_text=gettext_lazy("Kept sealed. Empty: the one that is there stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    folder = forms.CharField(label=gettext_lazy("Folder"), max_length=120, initial="INBOX")
    insee = forms.ChoiceField(
        label=gettext_lazy("Whose mailbox it is"), required=False,
        help_text=gettext_lazy("What fits no requisition is shown to those who decide in this commune alone."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = sites.communes()
        if len(found) < 2:
            del self.fields["insee"]
            return
        chosen = self.fields["insee"]
        assert isinstance(chosen, forms.ChoiceField)
        whole = ("", _("the whole centre’s: for those who answer for all its communes"))
        chosen.choices = [whole, *((one.insee, one.name) for one in found)]

    def address(self) -> InboxAddress:
        """As the reader takes it."""
        data = self.cleaned_data
        return InboxAddress(
            data["host"], data["port"], data["secrecy"] == "starttls", data["user"], data["password"], data["folder"]
        )

    def take(self, problems: dict[str, str]) -> None:
        """Put what is wrong at its field."""
        for name in problems:
            self.add_error(name, _("This is needed."))


@never_cache
@require_http_methods(["GET", "POST"])
def mailbox(request: OfficeRequest) -> HttpResponse:
    """The one mailbox, how it fares, and the form."""
    posted = request.method == "POST"
    form = MailboxForm(request.POST) if posted else MailboxForm(initial=_initial())
    if posted and form.is_valid():
        try:
            acts.set_mailbox(
                address=form.address(), insee=form.cleaned_data.get("insee", ""), actor=request.actor, now=request.now
            )
        except Invalid as error:
            form.take(dict(error.fields))
        else:
            messages.success(request, _("The mailbox is read from now on; this page says how it fares."))
            return redirect("office:mailbox")
    box = queries.mailbox()
    context = {
        "form": form,
        "mailbox": box,
        "trouble": MAILBOX_TROUBLES.get(box.trouble, box.trouble) if box else "",
        "sender": settings.BEFFROI_MAIL_FROM if settings.BEFFROI_SMTP_URL else "",
    }
    return render(request, "office/mailbox.html", context, status=422 if posted else 200)


@require_POST
def remove(request: OfficeRequest) -> HttpResponse:
    """No mailbox is read any more."""
    acts.remove_mailbox(actor=request.actor, now=request.now)
    messages.success(request, _("No mailbox is read any more."))
    return redirect("office:mailbox")


def _initial() -> dict[str, Any]:
    box = queries.mailbox()
    if box is None:
        return {}
    secrecy = "starttls" if box.starttls else "tls"
    return {
        "host": box.host,
        "port": box.port,
        "secrecy": secrecy,
        "user": box.user,
        "folder": box.folder,
        "insee": box.insee,
    }
