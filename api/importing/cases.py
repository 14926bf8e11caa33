"""Cases that wait for what the registry has become are told, in the transaction of the caller."""

from functools import partial

from engine.run.runner import Runner
from handlers.registry.business_ceased import KIND
from storage.database.session import Database, Session
from storage.registry.told import ToBeTold, list_to_be_told

__all__ = ["tell_all_cases", "tell_cases"]


def tell_cases(runner: Runner, session: Session, *, business_id: int) -> int:
    """Tell the cases about one business that it trades again or is deregistered."""
    waiting = list_to_be_told(session, KIND, business_id=business_id)
    for told in waiting:
        _tell(runner, told, session)
    return len(waiting)


def tell_all_cases(runner: Runner, database: Database) -> int:
    """Tell every case what a list has made of its business, each in a transaction of its own.

    Whoever was told waits no more, so that this may be done again after a kill.
    """
    with database.reading() as session:
        waiting = list_to_be_told(session, KIND)
    for told in waiting:
        database.run(partial(_tell_again, runner, told))
    return len(waiting)


def _tell_again(runner: Runner, told: ToBeTold, session: Session) -> None:
    if told in list_to_be_told(session, KIND):
        _tell(runner, told, session)


def _tell(runner: Runner, told: ToBeTold, session: Session) -> None:
    runner.deliver(session, told.running_id, told.message, {}, element=told.element)
