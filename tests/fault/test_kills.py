"""`kill -9` at random moments under load: no case torn, nothing told lost, every effect there.

A few kills in the normal run; `HANGJI_KILLS=200` is the campaign. The seed is printed; with
`HANGJI_SEED` the same dice are thrown again, though no machine is killed at the same instruction.
"""

import os
import secrets
import threading
from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from sqlalchemy import select

from storage.database.session import Session
from storage.tables import incident, outbox
from tests.fault.belongings import check_identities
from tests.fault.invariants import Told, check_told
from tests.fault.lives import eventually
from tests.fault.site import Site
from tests.fault.walkers import Walker
from tests.stories.world import VAULT_KEY

KILLS = int(os.environ.get("HANGJI_KILLS", "4"))
WALKERS = 4

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@dataclass
class Campaign:
    """A site that is killed again and again while walkers walk."""

    site: Site
    seed: str
    kills: int = 0
    checked: int = 0
    backdated: int = 0

    def run(self) -> None:
        """Kill, look, start again; in the end let everything finish and look at everything."""
        dice = Random(self.seed)  # noqa: S311 - to be thrown again
        crowd = self.site.crowd
        walkers = [Walker(crowd, f"{self.seed}-{number}") for number in range(WALKERS)]
        for one in walkers:
            one.start()
        for _ in range(KILLS):
            self._one_life(dice)
        self.site.machine.begin()
        crowd.stopped.set()
        for one in walkers:
            one.join(120)
        assert crowd.faults == []
        assert not any(walker.is_alive() for walker in walkers), "somebody was never answered"

    def _one_life(self, dice: Random) -> None:
        crowd, site = self.site.crowd, self.site
        before = len(crowd.told)
        self._live(dice, before)
        site.machine.kill()
        self.kills += 1
        site.wait_for_silence()
        told = list(crowd.told)
        self.checked += site.audit.check_moved()
        check_told(site.database, told[before:])
        check_identities(site.database, dict(crowd.reported), key=VAULT_KEY)
        self.backdated += site.let_some_be_due(dice)

    def _live(self, dice: Random, before: int) -> None:
        """Live for some steps and a bit, or, once in a while, not even until the first."""
        crowd, machine = self.site.crowd, self.site.machine
        # Any moment will do, so any moment is waited for; it puts nothing in order.
        if dice.random() < 0.1:
            machine.start()
            threading.Event().wait(dice.uniform(0, 0.6))
            return
        wanted = before + dice.randint(1, 14)
        machine.begin()
        assert eventually(lambda: len(crowd.told) >= wanted or bool(crowd.faults))
        assert crowd.faults == []
        threading.Event().wait(dice.uniform(0, 0.1))


def test_a_killed_sqlite_server_loses_nothing_and_tears_nothing(
    sqlite_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """notes/reliability.md row 1: the one process of a small installation."""
    lived_through(sqlite_site, capsys)


@pytest.mark.postgres
def test_a_killed_server_and_scheduler_lose_nothing_and_tear_nothing(
    postgres_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """notes/reliability.md rows 1, 5 and 17: server and scheduler beside PostgreSQL."""
    lived_through(postgres_site, capsys)


def lived_through(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """A campaign, and what must be true when it is over."""
    campaign = Campaign(site, os.environ.get("HANGJI_SEED", secrets.token_hex(4)))
    with capsys.disabled():
        print(f"\nkill -9: seed {campaign.seed}", flush=True)  # noqa: T201 - who looks on wants it
    campaign.run()
    site.machine.kill()
    site.wait_for_silence()
    site.finish()

    cases = site.audit.check_all()
    check_told(site.database, site.crowd.told)
    check_identities(site.database, site.crowd.reported, key=VAULT_KEY)
    doubled = check_letters_arrived(site, campaign.kills)
    with site.database.reading() as session:
        assert session.execute(select(incident.c.message)).all() == []
    with capsys.disabled():
        print(report(campaign, cases, doubled), flush=True)  # noqa: T201 - as above


def check_letters_arrived(site: Site, kills: int) -> int:
    """Every delivery to the platform came; how many came twice, which only a crash may cause."""
    arrived = Counter(header["webhook-id"] for header in site.platform.headers)
    with site.database.reading() as session:
        assert set(arrived) == written(session)
    doubled = sum(arrived.values()) - len(arrived)
    assert doubled <= kills
    return doubled


def written(session: Session) -> set[str]:
    """The keys of the deliveries to the platform."""
    rows = session.execute(select(outbox.c.key).where(outbox.c.receiver == "platform"))
    return set(rows.scalars())


def report(campaign: Campaign, cases: int, doubled: int) -> str:
    """What the campaign came to, in numbers."""
    crowd = campaign.site.crowd
    kinds: Counter[str] = Counter(one.kind for one in crowd.told if isinstance(one, Told))
    letters = len(campaign.site.platform.headers)
    return (
        f"{campaign.kills} kills: {len(crowd.told)} acknowledged steps {dict(kinds)}, 0 lost;"
        f" {cases} cases, 0 torn ({campaign.checked} looked at on the way);"
        f" {campaign.backdated} timers made due; {letters} deliveries, {doubled} twice;"
        f" {dict(crowd.counts)}"
    )
