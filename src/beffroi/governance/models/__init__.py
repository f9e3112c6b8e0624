"""Tables of the governance plane. Each part has its own module; Django finds them through this one."""

from beffroi.governance.models.access import AccessGrant as AccessGrant
from beffroi.governance.models.access import AlertGround as AlertGround
from beffroi.governance.models.access import Case as Case
from beffroi.governance.models.access import Decision as Decision
from beffroi.governance.models.control import CompliancePaper as CompliancePaper
from beffroi.governance.models.control import InspectionBundle as InspectionBundle
from beffroi.governance.models.crisis import CrisisInvitation as CrisisInvitation
from beffroi.governance.models.evidence import Extraction as Extraction
from beffroi.governance.models.evidence import Handover as Handover
from beffroi.governance.models.guests import GuestVisit as GuestVisit
from beffroi.governance.models.holds import Hold as Hold
from beffroi.governance.models.law import CommuneConsent as CommuneConsent
from beffroi.governance.models.law import ConventionSignature as ConventionSignature
from beffroi.governance.models.law import ConventionVersion as ConventionVersion
from beffroi.governance.models.law import OrderRow as OrderRow
from beffroi.governance.models.notices import Notice as Notice
from beffroi.governance.models.requisitions import FirstAnswer as FirstAnswer
from beffroi.governance.models.requisitions import RecordedFact as RecordedFact
from beffroi.governance.models.requisitions import RegisterCounter as RegisterCounter
from beffroi.governance.models.requisitions import Requisition as Requisition
from beffroi.governance.models.requisitions import RequisitionCamera as RequisitionCamera
from beffroi.governance.models.requisitions import RequisitionDecision as RequisitionDecision
from beffroi.governance.models.requisitions import RequisitionEvent as RequisitionEvent
from beffroi.governance.models.requisitions import RequisitionOfficer as RequisitionOfficer
from beffroi.governance.models.requisitions import StoredDocument as StoredDocument
from beffroi.governance.models.rights import RightsRequest as RightsRequest
