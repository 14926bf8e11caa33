"""The photos of a form: claimed while a step is prepared, tied to its case with the step."""

from collections.abc import Sequence

from engine.contract import Case
from storage.cases.attachments import find_free, take_attachments
from storage.database.session import Session
from storage.errors import FormInvalid

__all__ = ["claim", "take", "tie"]


def claim(case: Case, photos: list[str]) -> None:
    """Note the photos of a form for its case; only the one who uploaded them may use them.

    Raises:
        FormInvalid: unknown, used by another case, or somebody else's.
    """
    if not photos:
        return
    uploader = None if case.actor is None else case.actor.id
    free = find_free(case.session, photos, uploaded_by=uploader)
    missing = sorted(set(photos) - free)
    if missing:
        raise _taken(missing)
    case.photos += photos


def tie(case: Case) -> None:
    """Let the case take its photos.

    Raises:
        FormInvalid: another case was faster.
    """
    wanted = sorted(set(case.photos))
    if wanted and take_attachments(case.session, wanted, case_id=case.id) < len(wanted):
        raise _taken(wanted)


def take(session: Session, photos: Sequence[str], *, uploaded_by: int | None, case_id: int) -> None:
    """Let a case take photos at once, outside of a step.

    Raises:
        FormInvalid: unknown, used by another case, or somebody else's.
    """
    wanted = sorted(set(photos))
    missing = sorted(set(wanted) - find_free(session, wanted, uploaded_by=uploaded_by))
    if missing:
        raise _taken(missing)
    if wanted and take_attachments(session, wanted, case_id=case_id) < len(wanted):
        raise _taken(wanted)


def _taken(photos: list[str]) -> FormInvalid:
    message = "照片不存在、已用于其他案件，或不是您上传的。请重新上传。"
    return FormInvalid.at("photos", message, photos=photos)
