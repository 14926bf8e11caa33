"""What is done behind requests: the kinds of long work and the ways out of deliveries."""

from functools import partial

from api import importing
from api.composition import Composition
from api.importing.area_changes import area_change_kind
from api.outgoing import channels, webhook_fence
from api.syncing import acting
from api.syncing.platforms import partners_of, platforms
from api.syncing.pushing import SyncChannel
from api.uploads.previews import PICTURES, Pictures
from engine.background.operations import Kinds, OperationKind
from engine.background.recounting import KIND as RECOUNT
from engine.background.recounting import TITLE as RECOUNT_TITLE
from engine.background.recounting import recount_limits
from engine.background.verification import verify_case_files
from engine.delivery.channels import Channel
from engine.delivery.feed import FeedChannel
from engine.delivery.partners import CHANNEL
from handlers.feed.webhook_keeping import KEEPERS
from storage.delivery.outbox import FEED


def kinds(composition: Composition) -> Kinds:
    """Every kind of long work by its name, with its dependencies."""
    known = (
        *importing.operation_kinds(composition),
        area_change_kind(),
        acting.operation_kind(platforms(composition)),
        OperationKind(
            "verify_case_files",
            {"zh": "核验全部案卷", "en": "Verify all case files"},
            verify_case_files,
            roles=frozenset({"supervisor", "admin_system", "admin_audit"}),
        ),
        OperationKind(RECOUNT, RECOUNT_TITLE, partial(recount_limits, composition.runner)),
    )
    return {kind.name: kind for kind in known}


def ways(composition: Composition) -> dict[str, Channel]:
    """Every way a delivery may take, by the name of its channel."""
    pictures = Pictures(composition.database, composition.blobs)
    feed = FeedChannel(
        composition.database,
        composition.vault_keys,
        webhook_fence(composition.settings),
        keepers=KEEPERS,
    )
    others = SyncChannel(composition.database, partners_of(composition), composition.vault_keys)
    return {**channels(composition.settings), PICTURES: pictures, FEED: feed, CHANNEL: others}
