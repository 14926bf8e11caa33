"""Businesses, matters, uploads, definitions and sign-ins: what is put in comes out again."""

from datetime import timedelta

import pytest

from storage.cases import attachments
from storage.cases.attachments import Attachment
from storage.database.session import Database, Session
from storage.errors import Conflict, NotFound, Refused
from storage.people import sessions, staffing
from storage.places import matters
from storage.processes import definitions
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from tests.build import MORNING, TOWN, UNIT, a_business, a_case, an_officer

DAY = timedelta(days=1)


def deployed(session: Session, digest: str, **when: object) -> definitions.Version:
    """A version of one process, published."""
    definitions.add_definition(
        session, process_id="handling", digest=digest, files={"a.bpmn": digest}, at=MORNING
    )
    return definitions.publish(
        session,
        "handling",
        digest,
        publisher="publisher",
        at=MORNING,
        **when,  # type: ignore[arg-type]  # only effective_from
    )


def test_a_business_is_found_by_area_category_and_name(database: Database) -> None:
    with database.transaction() as session:
        first = a_business(session, name="示例甲")
        a_business(session, name="示例乙", area_code="350305108001")

        for found in (
            businesses.list_businesses(session, area=TOWN),
            businesses.list_businesses(session, q="甲", category="catering", status="operating"),
        ):
            assert [one.id for one in found.items] == [first]
        page = businesses.list_businesses(session, limit=1)
        assert len(businesses.list_businesses(session, cursor=page.next).items) == 1


def test_a_credit_code_is_registered_once(database: Database) -> None:
    new = NewBusiness(
        name="示例", category="retailer", area_code=UNIT, credit_code="91350100M000100Y43"
    )
    with database.transaction() as session:
        businesses.add_business(session, new, at=MORNING)

        with pytest.raises(Conflict):
            businesses.add_business(session, new, at=MORNING)


def test_a_ceased_business_stays_in_the_registry(database: Database) -> None:
    """R14: labelled, never deleted."""
    with database.transaction() as session:
        shop = a_business(session)
        businesses.update_business(session, shop, {"status": "ceased"}, at=MORNING + DAY)

        business = businesses.get_business(session, shop)
        assert (business.status, business.version, business.updated_at) == (
            "ceased",
            2,
            MORNING + DAY,
        )
        with pytest.raises(NotFound):
            businesses.get_business(session, 999)


def test_an_unknown_matter_is_not_found(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        matters.get_matter(session, "nothing")


def test_an_upload_belongs_to_one_case_only(database: Database) -> None:
    with database.transaction() as session:
        officer = an_officer(session)
        for name in ("a", "b"):
            photo = Attachment(name, "0" * 64, "image/jpeg", 500, MORNING, uploaded_by=officer.id)
            attachments.add_attachment(session, photo)
        first, second = a_case(session).case, a_case(session).case

        assert attachments.find_free(session, ["a", "x"], uploaded_by=officer.id) == {"a"}
        assert attachments.find_free(session, ["a"], uploaded_by=None) == set()
        assert attachments.take_attachments(session, ["a"], case_id=first.id) == 1
        assert attachments.take_attachments(session, ["a", "b"], case_id=second.id) == 1
        assert [
            attachment.id for attachment in attachments.list_attachments(session, second.id)
        ] == ["b"]
        assert attachments.get_attachment(session, "a").case_id == first.id
        assert attachments.bytes_uploaded(session, officer.id, since=MORNING) == 1000
        assert attachments.bytes_uploaded(session, officer.id, since=MORNING + DAY) == 0
        with pytest.raises(NotFound):
            attachments.get_attachment(session, "x")


def test_new_cases_take_the_newest_version_in_force(database: Database) -> None:
    """R47: one published version at a time, from its effective date."""
    with database.transaction() as session:
        deployed(session, "1")
        deployed(session, "2", effective_from=MORNING + DAY)

        assert definitions.get_published_digest(session, "handling", at=MORNING) == "1"
        assert definitions.get_published_digest(session, "handling", at=MORNING + DAY) == "2"
        assert definitions.get_files(session, "1") == ("handling", {"a.bpmn": "1"})
        assert [version.version for version in definitions.list_versions(session, "handling")] == [
            2,
            1,
        ]
        assert [one.digest for one in definitions.list_published(session, at=MORNING)] == ["1"]
        assert definitions.get_version(session, "handling", 2)[1] == {"a.bpmn": "2"}


def test_the_same_bundle_is_the_same_version(database: Database) -> None:
    with database.transaction() as session:
        assert deployed(session, "1") == deployed(session, "1")


def test_a_retired_version_is_not_published_again(database: Database) -> None:
    with database.transaction() as session:
        deployed(session, "1")
        definitions.move(session, "handling", "1", to="retired", seen="published")

        with pytest.raises(Conflict):
            deployed(session, "1")
        with pytest.raises(Refused):
            definitions.move(session, "handling", "1", to="retired", seen="published")
        with pytest.raises(NotFound):
            definitions.get_published(session, "handling", at=MORNING)


def test_a_former_version_becomes_the_law_again(database: Database) -> None:
    with database.transaction() as session:
        first, second = deployed(session, "1"), deployed(session, "2")
        later = MORNING + DAY
        definitions.move(session, "handling", "1", to="retired", seen="published")
        back = definitions.restore(session, "handling", first.version, publisher="p", at=later)

        assert (back.digest, back.state, back.effective_from) == ("1", "published", later)
        assert definitions.get_published_digest(session, "handling", at=MORNING) == "2"
        assert definitions.get_published_digest(session, "handling", at=later) == "1"
        assert [one.digest for one in definitions.list_published(session, at=later)] == ["1"]
        assert definitions.list_process_ids(session) == ["handling"]
        assert second.version == 2


def test_what_was_never_published_is_not_taken_up(database: Database) -> None:
    with database.transaction() as session:
        definitions.add_definition(session, process_id="handling", digest="1", files={}, at=MORNING)

        with pytest.raises(Refused):
            definitions.restore(session, "handling", 1, publisher="p", at=MORNING)


def test_an_unknown_definition_is_not_found(database: Database) -> None:
    with database.transaction() as session:
        for ask in (
            lambda: definitions.get_files(session, "9"),
            lambda: definitions.get_version(session, "handling", 9),
            lambda: definitions.publish(session, "handling", "9", publisher="p", at=MORNING),
        ):
            with pytest.raises(NotFound):
                ask()


def test_running_processes_of_a_bundle_are_counted(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)

        assert definitions.count_running(session, case.process.digest) == 1
        assert definitions.count_running(session, "other") == 0


def test_a_sign_in_ends_by_time_by_sign_out_and_with_the_account(database: Database) -> None:
    """notes/reliability.md section 6: sign-out revokes."""
    with database.transaction() as session:
        officer = an_officer(session).id
        until = MORNING + DAY
        cookies = [
            sessions.add_sign_in(session, officer, at=MORNING, expires_at=until)[0]
            for _ in range(3)
        ]

        sign_in = sessions.find_sign_in(session, cookies[0], at=MORNING)
        assert sign_in is not None
        assert sign_in.officer_id == officer
        assert sessions.find_sign_in(session, cookies[0], at=until) is None
        sessions.end_sign_in(session, cookies[0])
        assert sessions.find_sign_in(session, cookies[0], at=MORNING) is None
        staffing.switch_officer(session, officer, active=False)
        assert sessions.find_sign_in(session, cookies[1], at=MORNING) is None
        assert sessions.end_sign_ins_of(session, officer) == 2
        assert sessions.forget_expired(session, at=until) == 0


def test_a_heartbeat_is_the_last_one(database: Database) -> None:
    with database.transaction() as session:
        assert sessions.find_beat(session, "scheduler") is None

        sessions.beat(session, "scheduler", at=MORNING)
        sessions.beat(session, "scheduler", at=MORNING + DAY)

        assert sessions.find_beat(session, "scheduler") == MORNING + DAY
        assert sessions.list_beats(session) == {"scheduler": MORNING + DAY}
