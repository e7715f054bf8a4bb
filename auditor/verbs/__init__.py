"""All that can be done to an audit, for every shell alike: begin with `audit.py`."""

from auditor.verbs.audit import Audit
from auditor.verbs.audit import read_account_file
from auditor.verbs.by_hand import Attachment
from auditor.verbs.by_hand import RateByHand
from auditor.verbs.decision import Decision
from auditor.verbs.evidence import EvidenceRow
from auditor.verbs.evidence import Thread
from auditor.verbs.evidence import ThreadEvent

__all__ = [
    "Attachment",
    "Audit",
    "Decision",
    "EvidenceRow",
    "RateByHand",
    "Thread",
    "ThreadEvent",
    "read_account_file",
]
