"""The tests' city: the one place that deploys the shipped diagrams and loads the sample.

Holds no test. The small city of the stories is in `tests/stories/world.py`; it deploys from here.
"""

from datetime import datetime

from api.deploying import publish, read_paths
from api.settings import ROOT
from storage.city.pack import load_city, load_sample
from storage.database.session import Session

CITY = ROOT / "city" / "putian"
PASSWORD = "hangji-demo"


def deploy(session: Session, *, at: datetime) -> None:
    """Publish every shipped diagram with a start of its own, as `hangji deploy bpmn` does."""
    publish(session, read_paths([ROOT / "bpmn"]), by="tests", now=at)


def load(session: Session, *, password_hash: str, at: datetime) -> None:
    """Load the city pack, its sample accounts and the shipped diagrams."""
    load_city(session, CITY, at=at)
    load_sample(session, CITY / "sample", password_hash=password_hash, at=at)
    deploy(session, at=at)
