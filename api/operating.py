"""The kinds of long work; each is implemented by its capability."""

from functools import partial

from api import importing
from api.composition import Composition
from engine.background.operations import Kinds, OperationKind
from engine.background.recounting import KIND as RECOUNT
from engine.background.recounting import TITLE as RECOUNT_TITLE
from engine.background.recounting import recount_limits
from engine.background.verification import verify_case_files


def kinds(composition: Composition) -> Kinds:
    """Every kind of long work by its name, with its dependencies."""
    known = (
        *importing.operation_kinds(composition),
        OperationKind(
            "verify_case_files",
            {"zh": "核验全部案卷", "en": "Verify all case files"},
            verify_case_files,
            roles=frozenset({"supervisor", "admin_system", "admin_audit"}),
        ),
        OperationKind(RECOUNT, RECOUNT_TITLE, partial(recount_limits, composition.runner)),
    )
    return {kind.name: kind for kind in known}
