"""The saved views of who reads."""

from engine.reads.reading import Reading
from storage.people import views
from storage.people.views import SavedView

__all__ = ["SavedView", "own_views"]


def own_views(reading: Reading) -> list[SavedView]:
    """List the saved views of the actor, the oldest first."""
    return views.list_views(reading.session, reading.actor.id)
