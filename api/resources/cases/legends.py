"""The words of one case: what its tasks and the fields and answers of its forms are called."""

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from engine.reads import legends

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
def read(ask: Ask, number: str) -> legends.Legend:
    """Explain ids that entries of the case file name: tasks, forms, fields, answers."""
    return legends.read_legend(ask.reading, number)
