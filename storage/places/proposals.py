"""Which changes of areas a yearly list suggests: codes that begin, codes it no longer has."""

from collections import Counter
from collections.abc import Mapping

from storage.places.areas import Area, padded_code, parent_code


def propose_changes(known: Mapping[str, Area], listed: Mapping[str, str]) -> list[str]:
    """Compare a list, names by code, with the areas there are; return what to look at.

    A list is complete for an area of which it has more than half of the areas below: what it lacks
    there has ended. A new code with the name of one that ended is probably the same area.
    """
    ended = _ended(known, listed)
    added = [code for code in listed if code not in known and parent_code(code) in known]
    if not ended:
        return []
    heading = (
        f"名单新增编码 {len(added)} 个，缺少现有编码 {len(ended)} 个；缺少的不会自动撤销"
        f" ({len(added)} codes begin, {len(ended)} are no longer listed; none is ended by it)。"
    )
    return [heading, *(_proposal(known[code], added, listed) for code in ended)]


def _ended(known: Mapping[str, Area], listed: Mapping[str, str]) -> list[str]:
    there = Counter(area.parent for area in known.values())
    named = Counter(known[code].parent for code in listed if code in known)
    complete = {parent for parent, count in there.items() if 2 * named[parent] > count}
    gone = {code for code, area in known.items() if area.parent in complete and code not in listed}
    return sorted(code for code in gone if known[code].parent not in gone)


def _proposal(area: Area, added: list[str], listed: Mapping[str, str]) -> str:
    same = [code for code in added if len(code) == len(area.code) and listed[code] == area.name]
    which = f"{padded_code(area.code)} {area.name}"
    if len(same) == 1:
        code = padded_code(same[0])
        return (
            f"{which} 不在名单中，名单有同名的 {code}：可能是迁移，请先到“区划变更”办理"
            f" (no longer listed, perhaps moved to {code}: change the areas first)。"
        )
    return (
        f"{which} 不在名单中：并入其他区域还是撤销，请到“区划变更”办理"
        " (no longer listed: merged or ended? change the areas)。"
    )
