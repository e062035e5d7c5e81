"""A season's plans as people decided: every decision that holds, obeyed in the order of the log, or named with the reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import finishing, planning
from trailers.deciding.barred import barred_shots
from trailers.deciding.cuts import cut_path
from trailers.deciding.exchange import without
from trailers.deciding.ground import Ground, Plans, Rules
from trailers.deciding.obeying import obeyed
from trailers.deciding.standing import breaks
from trailers.errors import PlanError, RequestError
from trailers.results import Planned
from trailers.review.acts import Act, Adopt, Approve, Comment, Hide, Reject, Undo, Veto, facts
from trailers.review.decisions import Decision, holding
from trailers.review.wording import words
from trailers.store import Plain, digest, key, write_text

if TYPE_CHECKING:
    from trailers.ranking.select import Own

DECIDED = 2  # a version, as those of the stages
OTHERS = 0  # the number under which it is told that what another season barred could not be obeyed


@dataclass(frozen=True)
class Folded:
    """A season's plans as people decided. `unmet` says of decisions, by their number, why they are not obeyed (0: of what another
    season bars in an episode that both use); `log` is the last decision that was read, 0 where there is none."""

    plans: Plans
    unmet: Mapping[int, str]
    log: int


def decided(ground: Ground, decisions: Sequence[Decision], framed: bool = True) -> Folded:
    """Obeys the decisions that hold, in their order. What none of them touches stays as it is, to the byte.

    A decision that contradicts an earlier one is obeyed, and the earlier one is unmet. Every state is kept in the store under all
    that it follows from, so that one more decision costs no more than that one. `framed=False` leaves new clips without views,
    for a quick look.
    """
    held = [decision for decision in holding(decisions) if not isinstance(decision.act, Approve | Reject | Comment)]
    barred = barred_shots(ground)
    names = _names(ground, held, barred)
    store = ground.work.store
    done = next((n for n in range(len(names) - 1, -1, -1) if store.has(names[n])), -1)
    plans, unmet = _load(ground, store.get(names[done])) if done >= 0 else _begun(ground, barred)
    for number in range(max(done, 0), len(held)):
        plans, unmet = _next(Rules(ground, _met(held[: number + 1], unmet), barred), plans, unmet, held, number)
    if done < len(held):
        store.file(names[-1], lambda part: write_text(part, _dump(ground, plans, unmet)))
    unmet = {**unmet, **_remarks(ground, plans, decisions)}
    last = decisions[-1].number if decisions else 0
    told = _told(plans, decisions, unmet)
    return Folded(_framed(ground, told) if framed else told, dict(sorted(unmet.items())), last)


def own(ground: Ground, decisions: Sequence[Decision], folded: Folded, segment: str) -> "Own":
    """What people decided for a segment's trailers, as the choice is asked with it; `folded` is `decided` of the same."""
    held = [each for each in holding(decisions) if not isinstance(each.act, Approve | Reject | Comment)]
    return Rules(ground, _met(held, folded.unmet), barred_shots(ground)).own(segment, folded.plans)


def supposed(decisions: Sequence[Decision], acts: Sequence[Act], who: str = "") -> tuple[Decision, ...]:
    """Acts as if they had been decided after these decisions."""
    last = decisions[-1].number if decisions else 0
    stamp = datetime.fromtimestamp(0, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return tuple(Decision(last + n, stamp, who, act) for n, act in enumerate(acts, 1))


def _names(ground: Ground, held: Sequence[Decision], barred: Sequence[str]) -> list[str]:
    """The name of every state in the store: before any decision, after the first, and so on."""
    made = key("decided", DECIDED, {"barred": list(barred)}, [ground.name])
    names = [made]
    for decision in held:
        act = decision.act
        asked: dict[str, Plain] = {"number": decision.number, "who": decision.who, "what": decision.what}
        asked["act"] = json.dumps({name: _plain(value) for name, value in facts(act).items()}, sort_keys=True)
        if isinstance(act, Adopt):  # a cut that is gone, or altered, may come again
            path = cut_path(ground.season, act.cut)
            asked["there"] = digest(path) if path.is_file() else ""
        made = key("decided", DECIDED, asked, [made])
        names.append(made)
    return [f"decided/{name}.json" for name in names]


def _plain(value: object) -> object:
    return [vars(item) if hasattr(item, "__dict__") else item for item in value] if isinstance(value, tuple) else value


def _begun(ground: Ground, barred: Sequence[str]) -> tuple[Plans, dict[int, str]]:
    """The plans before any decision of the season's own."""
    if not barred:
        return ground.plans, {}
    plans, left = without(Rules(ground, (), tuple(barred)), ground.plans, lambda clip: clip.shot in barred)
    return plans, {OTHERS: f"what another season bars is shown all the same: {left}"} if left else {}


def _next(
    rules: Rules, plans: Plans, unmet: dict[int, str], held: Sequence[Decision], number: int
) -> tuple[Plans, dict[int, str]]:
    """The plans after one more decision, and what it leaves unmet: itself, or earlier ones that it contradicts."""
    decision = held[number]
    try:
        after, left = obeyed(rules, plans, decision)
    except (PlanError, RequestError) as reason:
        return plans, {**unmet, decision.number: str(reason)}
    if left:
        unmet = {**unmet, decision.number: left}
    broken = {
        earlier.number: f"decision {decision.number} came later and {words(decision.act)}"
        for earlier in held[:number]
        if earlier.number not in unmet and breaks(rules, earlier, decision, plans, after)
    }
    return after, {**unmet, **broken}


def _met(held: Sequence[Decision], unmet: Mapping[int, str]) -> tuple[Decision, ...]:
    """The decisions that bind: a veto or a hidden moment that was contradicted in one place binds in all others."""
    return tuple(each for each in held if each.number not in unmet or isinstance(each.act, Veto | Hide))


def _remarks(ground: Ground, plans: Plans, decisions: Sequence[Decision]) -> dict[int, str]:
    """What cannot be obeyed of remarks and of what was taken back."""
    found: dict[int, str] = {}
    known = {decision.number for decision in decisions}
    for decision in holding(decisions):
        if isinstance(decision.act, Comment):
            try:
                obeyed(Rules(ground, (decision,)), plans, decision)
            except PlanError as reason:
                found[decision.number] = str(reason)
    for decision in decisions:
        if isinstance(decision.act, Undo) and decision.act.number not in known:
            found[decision.number] = f"there is no decision {decision.act.number}"
    return found


def _told(plans: Plans, decisions: Sequence[Decision], unmet: Mapping[int, str]) -> Plans:
    """The plans with what could not be obeyed of each; what is of no trailer stands with the first."""
    found: dict[int, list[str]] = {}
    by_number = {decision.number: decision for decision in decisions}
    for number, reason in sorted(unmet.items()):
        decision = by_number.get(number)
        if decision is None:
            found.setdefault(0, []).append(reason)
            continue
        act = decision.act
        trailer, segment = getattr(act, "trailer", ""), getattr(act, "segment", "")
        language = getattr(act, "language", "")
        homes = [n for n, plan in enumerate(plans) if (plan.trailer, plan.language) == (trailer, language)]
        homes += [n for n, plan in enumerate(plans) if plan.segment == segment]
        told = f"decision {number}, {decision.who} {words(act)}: {reason}"
        found.setdefault(homes[0] if homes else 0, []).append(told)
    return tuple(replace(plan, unmet=tuple(found.get(n, ()))) for n, plan in enumerate(plans))


def _framed(ground: Ground, plans: Plans) -> Plans:
    """The plans with a view of every new clip in the shapes that the season asks for."""
    from trailers.editor.profile import HOUSE

    changed = [n for n, (plan, was) in enumerate(zip(plans, ground.plans, strict=True)) if plan.timeline is not was.timeline]
    sizes = [HOUSE.sizes[shape] for shape in ground.season.trailer.renditions]
    views = finishing.framed(ground.season, [plans[n].timeline for n in changed], sizes, ground.footage, ground.work)
    found = list(plans)
    for n, timeline in zip(changed, views, strict=True):
        found[n] = replace(plans[n], timeline=timeline)
    return tuple(found)


def _dump(ground: Ground, plans: Plans, unmet: Mapping[int, str]) -> str:
    """A state as JSON: the plans that are not as the season file alone has them."""
    changed = [n for n, (plan, was) in enumerate(zip(plans, ground.plans, strict=True)) if plan is not was]
    rows = json.loads(planning.to_json([plans[n] for n in changed]))
    return json.dumps({"changed": changed, "plans": rows, "unmet": list(unmet.items())}, ensure_ascii=False)


def _load(ground: Ground, path: Path) -> tuple[Plans, dict[int, str]]:
    state = json.loads(path.read_text(encoding="utf-8"))
    plans: list[Planned] = list(ground.plans)
    for n, plan in zip(state["changed"], planning.from_json(json.dumps(state["plans"])), strict=True):
        plans[n] = plan
    return tuple(plans), {int(number): str(reason) for number, reason in state["unmet"]}
