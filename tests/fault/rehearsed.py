"""Which seeded faults the scenarios notice where the check says nothing; holds no test.

Only scenarios that pass the spoilt place can notice it, so a few of these are played.
"""

from pathlib import PurePosixPath
from typing import Final

from api.rehearsing import read_scenarios, rehearse
from api.settings import ROOT, city_folder
from engine.errors import DiagramError
from tests.engine.check.test_shipped import shipped

FILES: Final = {name: content.decode() for name, content in shipped().items()}
PLAYED_AT_MOST: Final = 8


class Rehearsals:
    """The shipped scenarios, played once as they are, then again on spoilt files."""

    def __init__(self) -> None:
        scenarios = read_scenarios([ROOT / "bpmn"])
        self.played = rehearse(FILES, scenarios, city_folder=city_folder()).played

    def notice(self, file: str, text: str, places: set[str]) -> bool:
        """Whether a scenario that passes one of the places no longer goes as written."""
        stem = PurePosixPath(file).stem
        spots = {(stem, place) for place in places}
        near = [
            one.scenario for one in self.played if spots & (one.passed.keys() | one.rows.keys())
        ]
        chosen = near[:: max(1, len(near) // PLAYED_AT_MOST)][:PLAYED_AT_MOST]
        try:
            return bool(rehearse({**FILES, file: text}, chosen, city_folder=city_folder()).broken)
        except DiagramError:
            return True
