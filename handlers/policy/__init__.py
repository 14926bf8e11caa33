"""本市对流程图的规则；由组合根交给检查，引擎自己不知道。"""

from typing import Final

from engine.check.face import Policies
from handlers.policy.clauses import check_chain, check_feedback, check_matters
from handlers.policy.deadlines import check_deadlines
from handlers.policy.outcomes import check_outcomes

POLICIES: Final = Policies(
    of_drawings=(check_deadlines, check_chain, check_feedback, check_outcomes),
    of_bundles=(check_matters,),
)
