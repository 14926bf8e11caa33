"""From form documents to what a template draws, and from a posted page back to JSON values."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from flask import request
from werkzeug.datastructures import FileStorage

from web.frame import unsent
from web.frame.answers import detail
from web.frame.language import listed, pick, said_of, t
from web.frame.writing import UPLOAD, PageAnswer, write

LISTS = frozenset({"choices", "photos", "posts", "checklist"})
MANY = 2
MORE = "more"
_DIGITS = 15
"""A button of this name asks for the filled form again instead of submitting: for the next select
of an area, or for photos that have to be chosen once more."""
OK = 200
INVALID = 422
_CHUNK = 1 << 16


@dataclass(slots=True)
class Sheet:
    """A form on its way through a page: document, values, and what was wrong with them.

    `errors` are messages by field name, "" for the form as a whole; `key` names this submission,
    so that pressing the button twice files once. `base` is the draft the page was drawn from, where
    the form has drafts: what was saved elsewhere since is merged in by it.
    """

    document: Mapping[str, Any]
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    base: dict[str, Any] | None = None

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The fields in order."""
        fields: list[dict[str, Any]] = self.document["fields"]
        return fields

    def refused(self, problem: PageAnswer, key: str) -> "Sheet":
        """Take over what the API refused, field by field; `key` names the next try."""
        self.key = key
        data = problem.data or {}
        self.errors[""] = detail(problem)
        for error in data.get("errors") or []:
            parts = str(error["pointer"]).strip("/").split("/")
            name = next((part for part in parts if _names_a_field(part)), "")
            self.errors[name] = pick(error["message"])
        return self

    def needed(self, field: Mapping[str, Any]) -> str:
        """Say when a field has to be filled in, "" when never."""
        other = self._named(field.get("or_else"))
        always, some = self._demand(other)
        if field.get("required"):
            return always
        conditions = field.get("required_when") or other.get("required_when") or {}
        labels = (self._label(name, value) for name in conditions for value in conditions[name])
        chosen = [label for label in labels if label]
        if not chosen:
            return ""
        if len(chosen) > MANY:
            return t("视所选结果必填", "required for some answers")
        answers = listed(f"“{label}”" for label in chosen)
        return some.format(answers)

    def always(self, field: Mapping[str, Any]) -> str:
        """Say that a field has to be filled in, once the answer that asks for it is given."""
        return self._demand(self._named(field.get("or_else")))[0]

    def _demand(self, other: Mapping[str, Any]) -> tuple[str, str]:
        """What is said of a field that is needed, and of one that some answers need."""
        if not other:
            return t("必填", "required"), t("选{}时必填", "required for {}")
        label = pick(other["label"])
        always = t(f"与“{label}”二者填一", f"this or “{label}”")
        return always, t(f"选{{}}时与“{label}”二者填一", f"for {{}}: this or “{label}”")

    def _named(self, name: str | None) -> Mapping[str, Any]:
        return next((field for field in self.fields if field["name"] == name), {})

    def _label(self, name: str, value: str) -> str:
        options: list[dict[str, Any]] = self._named(name).get("options", [])
        chosen = next((option for option in options if option["value"] == value), None)
        return "" if chosen is None else pick(chosen["label"])


def _names_a_field(part: str) -> bool:
    """Whether a part of a pointer into a body is a field of the form, not where the form stands."""
    return part not in {"form", "parts", ""} and not part.isdecimal()


def shown_again(sheet: Sheet) -> int | None:
    """The status in which the posted form is shown again; None when it is to be sent on."""
    if sheet.errors:
        return INVALID
    if unsent.is_for_review():
        return unsent.OUT_OF_DATE
    return OK if request.form.get(MORE) else None


def posted(document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the posted page by field, typed as the form says; blanks are left out."""
    values: dict[str, Any] = {}
    for field_ in document["fields"]:
        value = _posted_value(field_)
        if value not in (None, "", []):
            values[field_["name"]] = value
    return values


def posted_base() -> dict[str, Any] | None:
    """The draft the posted page was drawn from; None when it does not say."""
    try:
        base = orjson.loads(request.form.get("base", ""))
    except orjson.JSONDecodeError:
        return None
    return base if isinstance(base, dict) else None


def fitting(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a draft a page can show: any program may have saved it, in any shape."""
    kept: dict[str, Any] = {}
    for field_ in document["fields"]:
        name, value = field_["name"], values.get(field_["name"])
        if field_["type"] in LISTS:
            kept[name] = [item for item in _listed(value) if isinstance(item, str)]
        elif isinstance(value, dict if field_["type"] == "location" else str | int | float):
            kept[name] = value
    return kept


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def deepest(codes: Iterable[str]) -> str | None:
    """The area chosen step by step: each step lies in the one before, or was left over from it."""
    found: str | None = None
    for code in codes:
        if code.strip() and (found is None or code.strip().startswith(found)):
            found = code.strip()
    return found


def _posted_value(field: Mapping[str, Any]) -> Any:
    name, kind = field["name"], field["type"]
    texts = request.form.getlist(name)
    if kind == "checklist":
        return _answered_lines(name)
    if kind in LISTS:
        return [text for text in texts if text]
    if kind == "location":
        return _location(name)
    if kind == "area":
        return deepest(texts)
    given = [text.strip() for text in texts if text.strip()]
    return _typed(kind, given[-1]) if given else None


def _answered_lines(name: str) -> list[str]:
    """The answers to a checklist: each line has radio buttons of its own."""
    start = f"{name}."
    return [
        f"{key.removeprefix(start)}:{answer}"
        for key, answer in request.form.items()
        if key.startswith(start) and answer
    ]


def _typed(kind: str, text: str) -> Any:
    if kind == "boolean":
        return text == "true"
    if kind in {"integer", "number", "business"}:
        return _number(text, whole=kind != "number")
    return moment_of(text) if kind == "datetime" else text


def moment_of(text: str) -> str:
    """A moment as its field sends it, in the time of the city."""
    return f"{text}:00+08:00" if len(text) == len("2026-01-01T00:00") else text


def id_of(text: str) -> int | None:
    """An id as a list of choices sends it; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _number(text: str, *, whole: bool) -> int | float | str:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text  # refused further down, with the field named


def _location(name: str) -> dict[str, Any] | None:
    lat, lon = ((request.form.get(f"{name}.{axis}") or "").strip() for axis in ("lat", "lon"))
    if not lat and not lon:
        return None
    crs = request.form.get(f"{name}.crs") or "wgs84"
    return {"lat": _number(lat, whole=False), "lon": _number(lon, whole=False), "crs": crs}


def upload_photos(sheet: Sheet, send: Callable[..., PageAnswer] = write) -> None:
    """Keep the pictures of the page as uploads; their ids join those sent before."""
    for field_ in sheet.fields:
        if field_["type"] != "photos":
            continue
        for file, answer in uploads(field_["name"], sheet.key, send):
            _add(sheet, field_["name"], file, answer)


def uploads(
    name: str, key: str, send: Callable[..., PageAnswer] = write
) -> Iterator[tuple[FileStorage, PageAnswer]]:
    """Upload the pictures chosen in a field, one by one, each with its answer."""
    files = [file for file in request.files.getlist(f"{name}.files") if file.filename]
    taken = request.form.getlist(f"{name}.taken")
    # Officers work where they photograph; a citizen decides whether to send a position.
    kept = {"keep_position": "true"} if send is write else {}
    for file, at in zip(files, [*taken, *[""] * len(files)], strict=False):
        # The same picture of the same submission is the same upload, however often it is sent
        # and whatever was chosen beside it.
        about = {"file": file, "taken_at": at, **kept}
        yield file, send(UPLOAD, {}, about, key=f"{key}-{name}-{_seen(file)}")


def _seen(file: FileStorage) -> str:
    digest = hashlib.sha256()
    for part in iter(partial(file.stream.read, _CHUNK), b""):
        digest.update(part)
    file.stream.seek(0)
    return digest.hexdigest()[:32]


def _add(sheet: Sheet, name: str, file: FileStorage, answer: PageAnswer) -> None:
    if answer.is_problem:
        sheet.errors[name] = said_of(file.filename or "", (answer.data or {}).get("detail") or "")
        sheet.errors.setdefault("", t("有照片没有上传成功。", "A photo could not be uploaded."))
        return
    sent_before = sheet.values.get(name, [])
    if answer.data["id"] not in sent_before:
        sheet.values[name] = [*sent_before, answer.data["id"]]
