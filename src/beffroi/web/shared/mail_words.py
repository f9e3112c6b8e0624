"""What fails about the mailbox and about a message, in the user's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAILBOX_TROUBLES: dict[str, Promise] = {
    "inbox_unreachable": _("its server does not answer"),
    "inbox_certificate": _("the certificate of its server is not trusted"),
    "inbox_refused": _("its server refuses the user or the password"),
    "inbox_folder": _("there is no such folder in it"),
    "inbox_answer": _("its server answers what cannot be understood"),
    "inbox_secret": _("its password cannot be read with this key: enter it again"),
}
MAIL_TROUBLES: dict[str, Promise] = {
    "mail_too_large": _("Too large to be taken in: read it in the mailbox."),
    "mail_unreadable": _("It cannot be read here: read it in the mailbox. It is kept as it came."),
    "document-too-large": _("too large: stays in the message"),
    "document-not-a-document": _("neither PDF nor JPEG nor PNG: stays in the message, unopened"),
    "document-cut-short": _("cut short on its way: stays in the message"),
    "document-empty": _("empty"),
}
