"""本市对流程图的规则；由组合根交给检查，引擎自己不知道。"""

from typing import Final

from engine.check.face import Policies
from handlers.policy import (
    chain,
    chasing,
    deadlines,
    dispute,
    feedback,
    investigated,
    lanes,
    matters,
    outcomes,
    overdue,
    rectified,
    side_work,
    steps,
    verified,
    withdrawal,
)
from handlers.policy.policy import Policy
from handlers.policy.tables import columns, self_inspection

ALL: Final[tuple[Policy, ...]] = (
    deadlines.POLICY,
    steps.POLICY,
    chain.POLICY,
    matters.POLICY,
    lanes.POLICY,
    lanes.DECLARED_END,
    verified.POLICY,
    rectified.POLICY,
    investigated.POLICY,
    feedback.POLICY,
    dispute.POLICY,
    withdrawal.POLICY,
    overdue.POLICY,
    side_work.POLICY,
    chasing.POLICY,
    outcomes.POLICY,
    investigated.SNAPSHOTS,
    outcomes.SETTLED,
    self_inspection.POLICY,
    overdue.TIMERS,
    columns.POLICY,
)
"""Every rule there is, switched on or off."""

POLICIES: Final = Policies(
    of_drawings=tuple(policy.judge_drawing for policy in ALL),
    of_bundles=tuple(policy.judge_bundle for policy in ALL),
)
