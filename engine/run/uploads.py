"""The photos of a form: claimed while a step is prepared, tied to its case with the step."""

from engine.contract import Case
from storage.cases.attachments import find_free, take_attachments
from storage.errors import FormInvalid

__all__ = ["claim", "tie"]


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


def _taken(photos: list[str]) -> FormInvalid:
    message = "照片不存在、已用于其他案件，或不是您上传的。请重新上传。"
    return FormInvalid.at("photos", message, photos=photos)
