"""An experiment and what it found, made by formula, for tests of what is drawn and said of it."""

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.findings import ALL, Analysis, Count, Effect, Look, Source, Split, Step, Verdict
from trailers.experiment.metric import house

SEGMENTS = {"chase": "Chases and fights", "calm": "Quiet moments", "laugh": "Jokes & banter", "face": "Faces, up close"}
LIFTS = {"chase": 0.024, "calm": 0.006, "laugh": -0.016, "face": 0.001}
VIEWERS = {"chase": 42000, "calm": 36000, "laugh": 30000, "face": 900}
DAYS = [(date(2026, 1, 5) + timedelta(days=day)).isoformat() for day in range(14)]


def experiment(names: dict[str, str] | None = None) -> Experiment:
    """Four segments, the control with everybody's trailer, and a tenth of each to learn from."""
    names = names or SEGMENTS
    components = (("quality action", 0.4), ("pace", 1.6))
    arms = (
        Arm("general", "Everybody", ("general/landscape",), components),
        *(Arm(segment, name, (f"{segment}/landscape",), components) for segment, name in names.items()),
    )
    trials = tuple(
        Trial(
            segment, name, VIEWERS[segment], (("general", 470), (segment, 470), *((o, 20) for o in names if o != segment)), 5000
        )
        for segment, name in names.items()
    )
    return Experiment("s01-trailer", "The Long Night", "s01-salt", arms, trials, house(), baseline=0.2, assumed=False)


def effect(
    metric: str, role: str, segment: str, variant: str, units: tuple[int, int], base: float, gap: float, sd: float
) -> Effect:
    """An effect with intervals of a normal's width."""
    se = sd * math.sqrt(1 / units[0] + 1 / units[1])
    wide, narrow = 2.9 * se, 1.96 * se
    firm = (gap > 1.05 * wide) - (gap < -1.05 * wide)
    p = math.erfc(abs(gap) / se / math.sqrt(2))
    share = (gap / base, (gap - wide) / base, (gap + wide) / base)
    pooled = (0.8 * share[0], 0.8 * share[0] - 2 * se / base, 0.8 * share[0] + 2 * se / base) if segment != ALL else None
    p = math.erfc(abs(gap) / se / math.sqrt(2))
    sides = (base, base + gap, gap, gap - wide, gap + wide, gap - narrow, gap + narrow, p)
    return Effect(metric, role, segment, variant, units[0], units[1], *sides, *share, pooled, firm)


def analysis(passed: bool = True, names: dict[str, str] | None = None) -> Analysis:
    """What the experiment found: one segment gains, one loses, one cannot be told, one is far too small."""
    names, lifts = names or SEGMENTS, LIFTS
    effects: list[Effect] = []
    sequence: list[Look] = []
    novelty: list[Look] = []
    funnel: list[Step] = []
    groups = {ALL: "own", **{segment: segment for segment in lifts}}
    for segment, variant in groups.items():
        viewers = sum(VIEWERS.values()) if segment == ALL else VIEWERS[segment]
        gain = sum(lifts[each] * VIEWERS[each] for each in lifts) / viewers if segment == ALL else lifts[segment]
        units = (int(0.47 * viewers), int(0.47 * viewers) - 31)
        effects += [
            effect("play", "primary", segment, variant, units, 0.2, gain, 0.4),
            replace(effect("minutes", "second", segment, variant, units, 31.5, 40 * gain, 55), note="held at 312 (99.9 %)"),
            effect("abandoned", "guard", segment, variant, units, 0.31, -0.3 * gain, 0.46),
            effect("completed", "guard", segment, variant, units, 0.42, 0.2 * gain, 0.49),
            effect("unsubscribed", "guard", segment, variant, units, 0.004, 0.0, 0.06),
        ]
        for day, name in enumerate(DAYS, start=1):
            part = (units[0] * day // len(DAYS), units[1] * day // len(DAYS))
            wave = gain + 0.01 * math.sin(2.1 * day) / day
            look = effect("play", "primary", segment, variant, part, 0.2, wave, 0.4)
            sequence.append(Look(name, segment, variant, sum(part), wave, look.low, look.high, look.fixed_low, look.fixed_high))
            today = (units[0] // len(DAYS), units[1] // len(DAYS))
            one = effect("play", "primary", segment, variant, today, 0.2, gain + 0.02 * math.sin(1.7 * day) + 0.012 / day, 0.4)
            novelty.append(Look(name, segment, variant, sum(today), one.effect, one.low, one.high, one.fixed_low, one.fixed_high))
        for arm, count, rate in (("general", units[0], 0.2), (variant, units[1], 0.2 + gain)):
            steps = (1.0, rate, 0.6 * rate, 0.38 * rate)
            funnel += [
                Step(segment, arm, name, int(s * count))
                for name, s in zip(("exposed", "play", "complete", "abandon"), steps, strict=True)
            ]
    effects += [effect("play", "primary", "chase", other, (19740, 840), 0.2, 0.004, 0.4) for other in ("calm", "laugh")]
    told: dict[str, tuple[Literal["ship", "keep", "wait", "stop"], str]] = {
        "chase": ("ship", "+1.3 to +3.5 points (general 20.0 %): ship it."),
        "calm": ("wait", "-0.6 to +1.8 points (general 20.0 %): cannot tell yet; some 52,000 profiles more would tell."),
        "laugh": ("keep", "-2.9 to -0.3 points (general 20.0 %): keep the general trailer."),
        "face": ("stop", "-8 to +8 points (general 20.0 %). Stop: left the service +0.4 to +3.1 points."),
    }
    named = {segment: f"{names[segment]}, its own trailer: {words}" for segment, (_, words) in told.items()}
    verdicts = [Verdict(each, each, told[each][0], named[each], 52000 if each == "calm" else None) for each in told]
    verdicts.insert(1, Verdict("chase", "calm", "wait", f"{names['chase']}, the trailer “{names['calm']}”: cannot tell yet."))
    whole = "All segments together: -0.0 to +1.4 points (general 20.0 %): no difference is shown yet."
    where = (Source("device", "tv", 1e-9, 0.031, 23010), Source("day", "2026-01-09", 3e-5, 0.02, 7700))
    split = Split(0.43, True) if passed else Split(2e-7, False, 0.018, False, where)
    decision = (
        " ".join((whole, *named.values(), "Of 2 trailers for others, none is better."))
        if passed
        else "Do not decide: units did not fall to the arms as asked."
    )
    return Analysis(
        "s01-trailer",
        tuple(effects),
        split,
        Count(131000, 108900, 41, 12, 3, 2100, 0),
        tuple(verdicts),
        decision,
        tuple(sequence),
        tuple(novelty),
        tuple(funnel),
        tuple(DAYS),
        (
            "The last two days of 16 are left out: whole weeks are compared.",
            "minutes: adjusted by what was before, which explains 38 %.",
        ),
    )
