"""Who has signed what a case asks many posts to sign, such as the alert of an emergency."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.tables import case_, task


@dataclass(frozen=True, slots=True)
class Signature:
    """A post that was asked to sign; `at` is None until it has."""

    post: str
    at: datetime | None


def list_signatures(
    session: Session, numbers: Collection[str], *, form: str, actor: Actor
) -> dict[str, list[Signature]]:
    """List who signed the tasks of a form, by case number, of cases the actor may see.

    One statement for all of them; a task that was withdrawn is left out.
    """
    if not numbers:
        return {}
    # Under a name of its own: the rule of visibility looks at tasks as well.
    asked = task.alias("asked")
    question = (
        select(case_.c.number, asked.c.post_id, asked.c.closed_at)
        .join(case_, case_.c.id == asked.c.case_id)
        .where(
            case_.c.number.in_(sorted(numbers)),
            asked.c.form == form,
            asked.c.state != "cancelled",
            asked.c.post_id.is_not(None),
            visible_case(actor),
        )
        .order_by(asked.c.closed_at, asked.c.running_id, asked.c.token)
    )
    found: dict[str, list[Signature]] = {}
    for number, post, at in session.execute(question):
        found.setdefault(number, []).append(Signature(post, at))
    return found
