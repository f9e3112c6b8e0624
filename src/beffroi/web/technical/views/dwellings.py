"""The dwelling mask of one camera: drawn on the picture it gives now, said in words before it is entered, reviewed.

The picture is footage (I1): it goes from the door to the page against a ticket that gate B gave to whoever is on duty.
Whoever has no right to it types the areas; both ways end in the same act.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import tickets
from beffroi.kernel.errors import Conflict, Forbidden, NotFound, Unavailable
from beffroi.media.core.masking import Shape, share
from beffroi.media.core.trials import TrialState
from beffroi.operations import queries as room
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts, may_record
from beffroi.web.shared import recorder
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.tickets import binding_of_body, body_of, ticket_answer
from beffroi.web.technical.mask_form import MaskForm, text_of
from beffroi.web.technical.words import failure_words


def page(request: OfficeRequest, camera: str) -> HttpResponse:
    """The mask as it stands, and its drawing. Sent once it says what changes; sent with ``confirmed`` it is entered."""
    facts = _camera(request, camera)
    now = facts.mask.shapes if facts.mask else ()
    form = MaskForm(request.POST if request.method == "POST" else None, initial={"areas": text_of(now)})
    good = request.method == "POST" and form.is_valid()
    if good and "confirmed" in request.POST:
        actions.draw_mask(actor=request.actor, camera=facts.id, polygons=form.cleaned_data["areas"], now=request.now)
        messages.success(request, _("The mask is entered. A second person must review it."))
        return redirect("technical:dwellings", facts.id)
    shown = "back" not in request.POST and good
    context = {
        "camera": facts,
        "form": form,
        "change": _change(facts, form.cleaned_data["areas"], request) if shown else None,
        "on_duty": room.shift_of(request.person.id, request.now) is not None,
        "review": facts.mask is not None and not facts.mask.reviewer and facts.mask.author != request.actor.id,
        "data": {"picture_url": reverse("technical:picture", args=[facts.id]), "texts": _texts()},
    }
    return render(request, "technical/dwellings.html", context, status=200 if good or not form.is_bound else 422)


@require_POST
def picture(request: OfficeRequest, camera: str) -> HttpResponse:
    """``{"binding"}`` has the camera asked for a picture; the same with ``trial`` says how far that is, then gives the
    ticket for it. Only to whoever is on duty; to others it says why not."""
    facts = _camera(request, camera)
    binding, trial = binding_of_body(request), body_of(request).get("trial")
    try:
        if room.shift_of(request.person.id, request.now) is None:
            raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
        if not isinstance(trial, str):
            return JsonResponse({"trial": _begun(request, facts)})
        return _ticket(request, facts, trial, binding)
    except (Conflict, Forbidden) as error:
        return JsonResponse({"code": error.code, "detail": sentence(error)}, status=403)
    except Unavailable as error:
        return JsonResponse({"code": error.code, "detail": sentence(error)}, status=503)


def _begun(request: OfficeRequest, facts: CameraFacts) -> str:
    trial = actions.look_at_camera(actor=request.actor, camera=facts.id, now=request.now)
    recorder.client().begin_trial(sites.trial_of(request.actor.id, trial).request)
    return trial


def _ticket(request: OfficeRequest, facts: CameraFacts, trial: str, binding: str) -> HttpResponse:
    if sites.trial_of(request.actor.id, trial).camera != facts.id:
        raise NotFound("There is no such trial.", code="no_such_trial")
    answer = recorder.client().trial(trial)
    if answer.state is TrialState.RUNNING:
        return JsonResponse({"trial": trial})
    if not answer.picture:
        why = failure_words(answer.code)
        return JsonResponse({"code": "no_picture", "detail": _("No picture: %(why)s.") % {"why": why}}, status=409)
    sealed = tickets.issue_trial_ticket(trial=trial, binding=binding, actor=request.actor, now=request.now)
    return ticket_answer(sealed)


def _camera(request: OfficeRequest, camera: str) -> CameraFacts:
    facts = sites.camera_kept_by(request.person, camera)
    if facts.retired_at is not None:
        raise Conflict("This camera is out of service.", code="camera_retired")
    if not facts.public_road:
        raise NotFound("This camera does not see the public road.", code="no_such_mask")
    return facts


def _change(facts: CameraFacts, after: tuple[Shape, ...], request: OfficeRequest) -> dict[str, Any]:
    """What entering these areas would change."""
    before = facts.mask.shapes if facts.mask else ()
    return {
        "before": before,
        "after": after,
        "drawn": facts.mask is not None,
        "share_before": round(share(before) * 100),
        "share_after": round(share(after) * 100),
        "added": len([one for one in after if one not in before]),
        "gone": len([one for one in before if one not in after]),
        "stops": facts.in_service(request.now) and not facts.suspended_reason and may_record(facts, request.now).ok,
    }


def _texts() -> dict[str, str]:
    return {
        "area": _("Area {n}"),
        "corner": _("Area {n}, corner {m}: {at}"),
        "move": _("Move area {n}"),
        "delete": _("Delete area {n}"),
        "none": _("No area: no dwelling is in view."),
        "added": _("Area {n} is there: drag it, or move it with the arrow keys."),
        "deleted": _("Area {n} is deleted."),
        "undone": _("Undone."),
        "corners": _("Touch one corner after the other; touch the first one again to close the area."),
        "typed": _("The text below cannot be read: it is drawn once it can."),
        "asking": _("The camera is asked for a picture…"),
        "shown": _("This is the picture of now."),
        "refused": _("This picture is not for you: it takes a clearance and a shift."),
        "no_answer": _("The door does not answer: try again."),
    }
