"""A season's plans as people decided: every decision that holds, obeyed in the order of the log, or named with the reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trailers import finishing, planning
from trailers.errors import PlanError, RequestError
from trailers.obeying import ON_A_CLIP, Ground, Plans, Rules, at, beside, cut_path, obeyed, picks, read_cut, without
from trailers.results import Footage, Planned
from trailers.review.decisions import (
    Act,
    Adopt,
    Approve,
    Comment,
    Decision,
    Hide,
    Lock,
    Recard,
    Reject,
    Replace,
    Say,
    Undo,
    Veto,
    Weigh,
    append,
    facts,
    holding,
    read,
)  # fmt: skip
from trailers.review.everywhere import FILE, Barred, bring, read_barred
from trailers.review.wording import words
from trailers.season import Season
from trailers.store import Plain, digest, key, write_text

if TYPE_CHECKING:
    from trailers.ranking.select import Own

__all__ = [
    "Folded", "Ground", "at", "beside", "cut_path", "decided", "keep", "own", "picks", "read_cut", "refusal", "supposed",
]  # fmt: skip

DECIDED = 1  # a version, as those of the stages
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
    barred = _barred(ground)
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
    return Rules(ground, _met(held, folded.unmet), _barred(ground)).own(segment, folded.plans)


def refusal(ground: Ground, decisions: Sequence[Decision], act: Act) -> str:
    """Why an act could not be obeyed if it were decided now, in a sentence; "" where it can."""
    if isinstance(act, Undo):
        known = {decision.number: decision for decision in decisions}
        if act.number not in known:
            return f"there is no decision {act.number}; the last is {max(known, default=0)}"
        standing = {decision.number for decision in holding(decisions)}
        if not isinstance(known[act.number].act, Undo) and act.number not in standing:
            return f"decision {act.number} was taken back already"
        return ""
    if isinstance(act, Approve | Reject):
        return _unseen(ground.season, act)
    if isinstance(act, Veto) and act.where == "everywhere" and (reason := _unwritable(ground, act)):
        return reason
    (further,) = supposed(decisions, [act])
    return decided(ground, (*decisions, further), framed=False).unmet.get(further.number, "")


def supposed(decisions: Sequence[Decision], acts: Sequence[Act], who: str = "") -> tuple[Decision, ...]:
    """Acts as if they had been decided after these decisions."""
    last = decisions[-1].number if decisions else 0
    stamp = datetime.fromtimestamp(0, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return tuple(Decision(last + n, stamp, who, act) for n, act in enumerate(acts, 1))


def keep(ground: Ground, act: Act, who: str = "", why: str = "") -> Decision:
    """Writes a decision down. A RequestError says why it could not be obeyed now; then nothing is written.

    A veto that holds everywhere is written beside its episode, too, and taken from there when it is taken back.
    """
    season = ground.season
    if reason := refusal(ground, read(season.decisions), act):
        raise RequestError(reason)
    made = append(season.decisions, act, who, why)
    spread(season, ground.footage)
    return made


def spread(season: Season, footage: Footage) -> None:
    """Brings the files of vetoes beside the season's episodes up to its decisions."""
    decisions = read(season.decisions)
    if not any(isinstance(decision.act, Veto) and decision.act.where == "everywhere" for decision in decisions):
        return
    known = [(decision.number, decision.at, decision.who) for decision in decisions]
    shots = {shot.id: shot for found in footage.detections.values() for shot in found.shots}
    folders: dict[Path, list[Barred]] = {episode.path.parent: [] for episode in footage.episodes.values()}
    for decision in holding(decisions):
        act = decision.act
        if isinstance(act, Veto) and act.where == "everywhere" and act.shot in shots:
            shot = shots[act.shot]
            episode = footage.episodes[shot.episode]
            folders[episode.path.parent].append(
                Barred(
                    episode.sha256, episode.path.name, shot.span.start, shot.span.stop, season.id,
                    decision.number, decision.at, decision.who, decision.why,
                )
            )  # fmt: skip
    for folder, wanted in folders.items():
        bring(folder, season.id, known, wanted)


def _barred(ground: Ground) -> tuple[str, ...]:
    """Shots of which other seasons bar at least half, or of whose barred frames they hold half."""
    from trailers.features.span import Span

    own = {(ground.season.id, each.number, each.at, each.who) for each in read(ground.season.decisions)}
    found: dict[str, None] = {}
    for folder in sorted({episode.path.parent for episode in ground.footage.episodes.values()}):
        for each in read_barred(folder):
            if each.decision in own:
                continue
            span = Span(each.start, each.stop)
            for name, episode in ground.footage.episodes.items():
                for shot in ground.footage.detections[name].shots if episode.sha256 == each.sha256 else ():
                    if 2 * shot.span.overlap(span) >= min(len(shot.span), len(span)):
                        found[shot.id] = None
    return tuple(found)


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
        if earlier.number not in unmet and _breaks(rules, earlier, decision, plans, after)
    }
    return after, {**unmet, **broken}


def _met(held: Sequence[Decision], unmet: Mapping[int, str]) -> tuple[Decision, ...]:
    """The decisions that bind: a veto or a hidden moment that was contradicted in one place binds in all others."""
    return tuple(each for each in held if each.number not in unmet or isinstance(each.act, Veto | Hide))


def _breaks(rules: Rules, earlier: Decision, decision: Decision, before: Plans, after: Plans) -> bool:
    """Whether an earlier decision that held before does not hold after a later one."""
    act, later = earlier.act, decision.act
    if isinstance(act, Adopt):
        again = isinstance(later, Adopt) and later.trailer == act.trailer
        solved = isinstance(later, Weigh) and _timeline(before, act.trailer) is not _timeline(after, act.trailer)
        return again or solved
    if isinstance(act, Lock) and _clip(before, act.trailer, act.shot) != _clip(after, act.trailer, act.shot):
        own = isinstance(later, ON_A_CLIP) and not isinstance(later, Replace) and later.shot == act.shot
        return not (own and _clip(after, act.trailer, act.shot))
    return _holds(rules, act, before) and not _holds(rules, act, after)


def _holds(rules: Rules, act: Act, plans: Plans) -> bool:
    """Whether plans still have what an act made of them."""
    if isinstance(act, Veto):
        scope = (plan for plan in plans if plan.segment == act.segment or not act.segment)
        return not any(clip.shot == act.shot for plan in scope for clip in plan.timeline.clips)
    if isinstance(act, Hide):
        spans = rules.ground.stock.hidden(act.what)
        clips = (clip for plan in plans for clip in plan.timeline.clips)
        return not any(span.overlap(clip.span) for clip in clips for span in spans.get(clip.episode, ()))
    if isinstance(act, ON_A_CLIP):
        return _clip(plans, act.trailer, act.by if isinstance(act, Replace) else act.shot) is not None
    if isinstance(act, Say | Recard):
        plan = next((plan for plan in plans if (plan.trailer, plan.language) == (act.trailer, act.language)), None)
        if plan is None:
            return False
        if isinstance(act, Recard):
            cards = [(card.kind, card.lines) for card in plan.timeline.cards]
            return (act.kind, act.lines) in (*cards, *((each.kind, each.lines) for each in plan.timeline.overlays))
        read = " ".join(" ".join(caption.text.split()) for caption in plan.timeline.captions)
        return " ".join(act.new.split()) in read if act.new else " ".join(act.old.split()) not in read
    return True


def _timeline(plans: Plans, trailer: str) -> object:
    return next((plan.timeline for plan in plans if plan.trailer == trailer), None)


def _clip(plans: Plans, trailer: str, shot: str) -> tuple[object, int] | None:
    """The frames of the clip of a trailer that shows a shot, and how many it lasts."""
    clips = (clip for plan in plans if plan.trailer == trailer and not plan.language for clip in plan.timeline.clips)
    return next(((clip.span, len(clip.into)) for clip in clips if clip.shot == shot), None)


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


def _unseen(season: Season, act: Approve | Reject) -> str:
    """Why a file cannot be decided on: it is not there as it was seen."""
    folder = season.out / "variants"
    file = folder / f"{act.variant}.mp4"
    if ".." in Path(act.variant).parts or not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        failed = (folder / f"{act.variant}.failed.mp4").is_file()
        return (
            f"{act.variant} failed its checks and cannot be decided on" if failed else f"no variant {act.variant!r} is rendered"
        )
    if digest(file) != act.sha256:
        return f"{act.variant} was rendered anew since it was looked at; look at it again"
    return ""


def _unwritable(ground: Ground, act: Veto) -> str:
    """Why a veto cannot be written beside its episode."""
    import os

    shot = ground.shots.get(act.shot)
    if shot is None:
        return ""
    folder = ground.footage.episodes[shot.episode].path.parent
    able = os.access(folder, os.W_OK) and (not (folder / FILE).exists() or os.access(folder / FILE, os.W_OK))
    return "" if able else f"{folder / FILE} cannot be written, and a veto everywhere is kept there; veto it in this season"
