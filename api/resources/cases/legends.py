"""The words of one case: what its tasks and the fields and answers of its forms are called."""

from collections.abc import Iterable
from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from engine.definitions import Definition
from storage.cases import cases

routes = Resource("case_legends", "What is written in a case file, in words.")


class TaskWords(ma.Schema):
    """One task of a diagram."""

    label = ma.fields.String(metadata={"example": "签收"})
    form = ma.fields.String(allow_none=True, metadata={"example": "accept"})


class Legend(ma.Schema):
    """Words by id; the definitions a case is pinned to are one vocabulary."""

    processes = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    tasks = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(TaskWords))
    forms = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Dict())


@routes.get("/cases/<number:number>/legend", needs=SIGNED_IN, gives=Gives(Legend))
def read(ask: Ask, number: str) -> dict[str, Any]:
    """Explain ids that entries of the case file name: tasks, forms, fields, answers."""
    case = cases.get_visible_case(ask.session, number, actor=ask.actor)
    digests = {one.digest for one in cases.list_processes(ask.session, case.id)}
    return legend(ask.runner.definition(ask.session, one) for one in sorted(digests))


def legend(definitions: Iterable[Definition]) -> dict[str, Any]:
    """Gather the words of several definitions; ids are unique in the shipped diagrams."""
    told: dict[str, dict[str, Any]] = {"processes": {}, "tasks": {}, "forms": {}}
    for definition in definitions:
        for diagram in definition.diagrams.values():
            told["processes"][diagram.process_id] = diagram.label
            for node in diagram.nodes.values():
                if node.label:
                    told["tasks"][node.id] = {"label": node.label, "form": node.form}
        told["forms"] |= {name: form.document() for name, form in definition.forms.items()}
    return told
