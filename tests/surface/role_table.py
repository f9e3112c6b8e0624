"""Who is answered what on every route: written down by hand, never worked out from the permissions it checks.

A row names the route, the letters of the roles it opens to (``*`` everybody signed in, ``**`` everybody), and the
answers of a GET and of a POST that says nothing, on one's own objects. Everybody else gets 404, and whoever is signed
out the sign-in page. On foreign objects everybody gets 404 (405 where the method does not exist at all).
"""

from dataclasses import dataclass

from beffroi.people.core.roles import Role
from tests.surface.role_machines import DOOR as DOOR
from tests.surface.role_machines import EDGE as EDGE
from tests.surface.role_machines import RECORDER as RECORDER

LETTERS: dict[str, Role] = {
    "D": Role.DUTY_OFFICER,
    "V": Role.VIDEO_OFFICER,
    "C": Role.CHIEF,
    "M": Role.MAYOR,
    "I": Role.INVESTIGATOR,
    "O": Role.OPERATIONS_CENTRE,
    "P": Role.PREFECTURE_DUTY,
    "G": Role.DPO,
    "S": Role.SCHOOL_HEAD,
    "T": Role.TECHNICIAN,
    "A": Role.ADMINISTRATOR,
}

FOREIGN = frozenset({
    "alert", "building", "bulletin", "camera", "case", "document", "drill", "extraction", "factor", "grant", "handover",
    "handover_id", "hold", "incident", "invitation", "intake", "measure", "notice", "order", "person", "requisition",
    "session", "trial", "upload",
})  # fmt: skip
"""Arguments that name an object of a commune or of a person. The others name texts of the centre itself."""


@dataclass(frozen=True, slots=True)
class Row:
    """One route of the office."""

    name: str
    opens: str
    get: int
    post: int

    @property
    def roles(self) -> frozenset[Role]:
        """The roles it opens to."""
        return frozenset(LETTERS.values() if self.opens in {"*", "**"} else map(LETTERS.__getitem__, self.opens))

    @property
    def public(self) -> bool:
        """Whether nobody need be signed in."""
        return self.opens == "**"


_OFFICE = """
account:sign-in ** 302 200
account:second-step ** 302 302
account:passkey-sign-in ** 405 422
account:passkey-challenge ** 405 200
account:alive * 405 204
account:lock * 405 204
account:unlock * 405 422
account:sign-out * 405 302
account:profile * 200 405
account:password * 405 422
account:end-others * 405 302
account:token * 405 422
account:end-session * 405 302
account:factors * 200 405
account:factor-propose * 405 302
account:factor-confirm * 405 422
account:passkey-make * 405 200
account:passkey-add * 405 422
account:factor-codes * 405 409
account:factor-remove * 405 404
account:people CA 200 405
account:person-new CA 200 422
account:person CA 200 405
account:person-invite CA 405 422
account:person-factors CA 405 422
account:person-sessions CA 405 302
account:person-unlock CA 405 302
account:person-leave CA 405 422
account:invitation-withdraw CA 405 302
account:invitation ** 302 405
account:join ** 410 410
account:providers CA 200 422
account:provider-stop CA 405 404
account:provider-return ** 422 405
account:provider-ask ** 404 405
account:provider-link * 405 404
account:identity-unlink * 405 404
account:rule CA 200 422
account:language ** 405 422
account:theme ** 405 302
desk:home DVC 302 302
desk:wall DVC 200 200
desk:wall-status DVC 200 200
desk:wall-look DVC 405 200
desk:wall-incident DVC 405 422
desk:wall-look-back DVC 405 422
desk:shift DVC 200 200
desk:shift-end DVC 405 302
desk:map DVC 200 200
desk:camera DVC 200 200
desk:camera-incident DVC 405 302
desk:camera-look-back DVC 405 302
desk:camera-steer DVC 405 409
desk:incidents DVC 200 200
desk:incident DVC 200 200
desk:incident-reason DVC 405 422
desk:incident-note DVC 405 422
desk:incident-find DVC 405 422
desk:incident-link DVC 405 422
desk:incident-earlier DVC 405 422
desk:incident-hold DVC 405 422
desk:incident-relay DVC 405 422
desk:incident-together DVC 200 422
desk:incident-crisis DVC 405 422
desk:incident-close DVC 405 422
desk:logbook DVC 200 200
desk:health DVCT 200 200
desk:packages DVC 200 200
desk:exports VC 200 422
desk:export-drop VC 405 302
desk:export-begin VC 405 422
desk:export-upload VC 405 302
desk:package-make VC 405 422
desk:package DVC 200 200
desk:package-status DVC 200 200
desk:package-retry VC 405 302
desk:handover-download VC 405 422
desk:handover-copy VC 405 422
desk:handover-receipt VC 405 422
desk:handover-withdraw VC 405 422
desk:handover-slip DVC 405 200
desk:handover-attestation DVC 405 200
desk:requisitions DVC 200 200
desk:requisition-enter DVC 200 422
desk:requisition-map DVC 200 200
desk:mail-tray VC 200 405
desk:mail VC 200 405
desk:mail-assign VC 405 422
desk:mail-dismiss VC 405 422
desk:mail-part VC 200 405
desk:mail-note DVC 405 302
desk:requisition DVC 200 200
desk:requisition-edit DVC 200 422
desk:requisition-check DVC 405 409
desk:requisition-ask DVC 405 422
desk:requisition-decide VC 405 422
desk:requisition-extract VC 405 302
desk:requisition-assign VC 405 422
desk:requisition-outcome DVC 405 422
desk:requisition-fact DVC 405 422
desk:requisition-close VC 405 409
desk:requisition-paper DVC 200 200
duty:phone DVC 200 200
duty:waiting DVC 200 405
duty:decide DVCM 405 302
duty:requisition-take VC 405 302
duty:crisis DVC 200 422
duty:holds DVC 200 405
duty:hold-keeper VC 405 302
duty:hold-kept DVC 405 302
duty:hold-release VC 405 302
duty:guest-call DVC 405 302
duty:guest-tell DVC 405 302
duty:guest-refuse DVC 405 302
duty:rota DVC 200 405
duty:rota-order VC 405 302
duty:rota-period VC 405 422
duty:rota-remove VC 405 302
duty:staffing VC 405 422
duty:handover DVC 200 302
duty:handover-take DVC 405 302
duty:access DVCMG 200 405
duty:access-review DVCM 405 422
duty:notice-seen DVCMG 405 302
alarm DVCMS 200 405
alarm-stream DVCMS 200 405
building:home DVCMS 200 200
building:reach DVCMS 200 422
building:reach-push DVCMS 405 422
building:reach-forget DVCMS 405 302
building:contacts VCMS 200 422
building:contact-drop VCMS 405 302
building:bulletins DVCMS 200 405
building:bulletin-bring DVCMS 405 422
building:bulletin DVCMS 200 405
building:bulletin-relay DVCMS 405 422
building:bulletin-aside DVCMS 405 422
building:alert DVCMS 200 200
building:alert-now DVCMS 200 405
building:alert-pictures DVCMS 405 302
building:alert-act DVCMS 405 422
building:alert-review DVCMS 200 405
building:alert-cap DVCMS 200 405
building:alert-observe DVCMS 405 422
building:alert-decide DVCMS 405 422
building:measure-done DVCMS 405 302
building:building DVCMS 200 200
building:phone-code DVCMS 200 422
building:drills DVCMS 200 200
building:drill-plan DVCMS 405 422
building:drill-announce DVCMS 405 422
building:drill-arm DVCMS 405 302
building:drill-start DVCMS 405 302
building:box-language VCMS 405 422
building:raise DVCMS 405 422
counter:crisis ** 404 405
counter:crisis-open ** 404 404
counter:crisis-state ** 404 405
counter:crisis-ticket ** 405 404
counter:crisis-stop ** 405 404
counter:crisis-steer ** 405 404
counter:crisis-steer-ticket ** 405 404
counter:crisis-steer-stop ** 405 404
counter:guest ** 200 422
counter:guest-wait ** 200 422
counter:guest-again ** 200 422
counter:guest-open ** 404 404
counter:guest-leave ** 405 302
counter:guest-ask ** 404 404
counter:guest-map ** 404 405
counter:guest-edit ** 404 404
counter:guest-requisition ** 404 405
counter:guest-paper ** 404 405
counter:guest-package ** 404 405
counter:guest-package-ticket ** 405 404
counter:guest-package-receipt ** 405 404
counter:guest-package-slip ** 405 404
building:plan VCMS 200 200
building:levels DVCMS 200 405
building:plan-drawing DVCMS 200 405
building:plan-pack VCMS 200 405
building:plan-pack-night VCMS 200 405
building:plan-draft VCMS 405 302
building:plan-sent VCMS 405 302
building:plan-edit VCMS 200 405
building:plan-edit-act VCMS 405 422
building:plan-validate VCMS 405 302
building:plan-import VCMS 405 422
building:plan-version VCMS 200 200
building:plan-in-force VCMS 405 302
counter:access-list IOP 200 405
counter:access-relay IOP 200 422
counter:access-replay I 200 422
counter:access-case I 200 422
counter:access-case-close I 405 302
counter:access IOP 200 405
counter:access-state IOP 204 405
counter:access-event IOP 404 405
counter:access-renew IOP 405 302
counter:access-steer IOP 405 404
counter:access-stop IOP 405 302
counter:packages I 200 200
counter:package I 200 200
counter:package-receipt I 405 422
counter:package-slip I 405 200
counter:requisitions I 200 200
counter:requisition-ask I 200 422
counter:requisition-map I 200 200
counter:requisition I 200 200
counter:requisition-edit I 200 422
counter:requisition-withdraw I 405 422
counter:requisition-outcome I 405 422
counter:requisition-paper I 200 200
office:conventions DVCMGA 200 405
office:convention-compare DVCMGA 200 405
office:convention-ask VCMG 200 405
office:convention-draft CMA 200 422
office:convention DVCMGA 200 405
office:convention-sign CMA 405 422
office:convention-effect CMA 405 409
office:convention-move CMA 405 422
office:mailbox CA 200 422
office:mailbox-remove CA 405 302
office:orders DVCMGA 200 405
office:order-enter CMA 200 422
office:order DVCMGA 200 405
office:order-paper DVCMGA 200 405
office:order-confirm CMA 405 302
office:order-drop CMA 405 302
office:order-withdraw CMA 405 422
office:consents DVCMGA 200 405
office:consent-give M 405 422
office:consent-withdraw M 405 302
office:looks G 200 405
office:looks-csv G 200 405
office:looks-pdf G 200 405
office:anomalies G 200 405
office:anomalies-csv G 200 405
office:anomaly G 200 405
office:anomaly-note G 405 422
office:audit CGA 200 405
office:audit-verify CGA 405 302
office:audit-compare CGA 405 422
office:audit-checkpoint CGA 200 405
office:components * 200 405
office:figures VCMG 200 405
office:figures-year VCMG 200 405
office:figure VCMG 200 405
office:registers VCG 200 200
office:register VCG 200 405
office:register-csv VCG 200 405
office:register-pdf VCG 200 405
office:processing CMG 200 405
office:processing-pdf CMG 200 405
office:rules CMG 200 405
office:paper CG 200 422
office:inspection CMG 200 405
office:inspection-make CMG 405 422
office:inspection-bundles CMG 200 405
office:inspection-file CMG 404 405
office:persons CA 200 405
office:person-enter CA 200 422
office:bodies CA 200 422
office:person CA 200 405
office:person-act CA 405 422
office:rights CG 200 405
office:rights-one CG 200 405
office:rights-paper CG 404 405
office:rights-act CG 405 422
technical:cameras TVC 200 200
technical:new TVC 200 422
technical:find TVC 405 200
technical:camera TVC 200 200
technical:source TVC 200 422
technical:dwellings TVC 200 200
technical:picture TVC 405 422
technical:camera-act TVC 405 422
technical:trial TVC 200 422
technical:trial-status TVC 200 200
technical:trial-map TVC 200 200
technical:trial-ticket TVC 405 422
technical:alarms DVCT 200 200
technical:acknowledge DVCT 405 404
technical:fault-sheet DVCT 405 404
technical:equipment TVC 200 422
technical:equipment-hang TVC 405 404
technical:equipment-remove TVC 405 404
technical:networks TC 200 422
technical:network-withdraw TC 405 404
api:edge-exchange ** 405 403
api:openapi ** 200 405
api:me * 200 405
api:cameras DVC 200 405
api:health DVCT 200 405
api:desk-requisitions DVC 200 405
api:desk-requisition DVC 200 405
api:counter-requisitions I 200 405
api:counter-requisition I 200 405
api:figures VCMG 200 405
api:figures-year VCMG 200 405
lookers-page DVC 200 200
lookers-strip DVC 200 405
access-stop DVCM 405 302
shift-lease * 405 422
ticket * 405 422
public:home ** 200 405
public:begin * 302 302
public:rights ** 200 422
public:rights-follow ** 200 200
public:healthz ** 200 405
public:metrics ** 404 405
public:authority ** 200 405
public:authority-root ** 404 405
"""

OFFICE: dict[str, Row] = {
    name: Row(name, opens, int(get), int(post))
    for name, opens, get, post in (line.split() for line in _OFFICE.strip().splitlines())
}
