"""What a season's people, episodes, acts, qualities and concepts are called in a brief."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trailers.ranking.choice.arc import Arc

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.lexicon import Lexicon

SEEN = 0.5  # of the shots in which a speaker is heard, from which a face is taken for his
SLIGHT = 0.05  # a concept that no shot has more of is not there
NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
COUNTS: Mapping[str, int] = {"two": 2, "three": 3, "four": 4, "five": 5}


@dataclass(frozen=True)
class Wish:
    """Something that a brief names: `what` as a change names it, `by` which way and how much of the clause's size.

    `main` is it where a word stands for several; of what is `never` wished nothing is shown, whatever the clause does. `called`
    is what the brief calls it, where that is not its name.
    """

    what: str
    by: float = 1.0
    main: bool = True
    never: bool = False
    called: str = ""


def _also(what: str, by: float) -> Wish:
    return Wish(what, by, main=False)


QUALITY: Mapping[str, tuple[Wish, ...]] = {
    "calm calmer peaceful gentle gentler soft softer relaxed relaxing serene tranquil soothing mellow": (
        Wish("quality calm"),
        _also("pace", -0.5),
    ),
    "fast faster quick quicker snappy snappier pacier rapid hectic": (Wish("pace"), _also("quality fast", 0.5)),
    "slow slower unhurried": (Wish("pace", -1.0), _also("quality calm", 0.5)),
    "cuts cutting editing edits pace pacing tempo speed": (Wish("pace"),),
    "action action-packed movement motion exciting excitement thrilling wild wilder energy energetic dynamic": (
        Wish("quality fast"),
        _also("quality loud", 0.5),
    ),
    "lively livelier playful upbeat vivid": (Wish("quality lively"),),
    "loud louder noisy noisier noise": (Wish("quality loud"),),
    "quiet quieter silent silence hushed": (Wish("quality quiet"),),
    "bright brighter lighter light sunny sunnier daylight": (Wish("quality bright"),),
    "dark darker gloomy gloomier darkness shadow shadows": (Wish("quality bright", -1.0),),
    "colourful colorful colour colours color colors": (Wish("quality colourful"),),
    "close-up close-ups closeup closeups closer face faces portrait portraits emotion emotions emotional intimate": (
        Wish("quality face"),
    ),
    "wide wider landscape landscapes vista vistas panorama panoramas establishing scenery": (Wish("quality wide"),),
    "dialogue dialogues talk talks talking speech speaking spoken conversation conversations chatter lines voice voices": (
        Wish("quality spoken"),
    ),
    "beat beats rhythm": (Wish("weight music"),),
    "audience personal personalised personalized": (Wish("weight audience"),),
    "variety varied diverse diversity": (Wish("weight scene"), _also("weight episode", 0.5), _also("weight face", 0.5)),
}
"""Words that every season has, and what they stand for."""
PHRASES: Mapping[str, tuple[Wish, ...]] = {
    "close ups?": (Wish("quality face"),),
    "(?:fast|faster|quick|quicker|rapid|snappier) (?:cuts?|cutting|editing|edits?|pace|pacing)": (Wish("pace"),),
    "(?:slow|slower) (?:cuts?|cutting|editing|edits?|pace|pacing)": (Wish("pace", -1.0),),
    "(?:long|longer) (?:shots|takes|clips)": (Wish("pace", -1.0),),
    "(?:short|shorter) (?:shots|takes|clips)": (Wish("pace"),),
    "(?:with|on|to) the (?:music|beats?)": (Wish("weight music"),),
    "(?:their|the audience's|this audience's) (?:tastes?|favou?rites)": (Wish("weight audience"),),
    "different scenes": (Wish("weight scene"),),
    "different episodes": (Wish("weight episode"),),
    "different (?:faces|people|characters)": (Wish("weight face"),),
}
_KINDS = (
    "shots? pictures? images? moments? scenes? clips? parts? bits? stuff mood ones? sounds? footage looks? feel feeling tone "
    "colou?rs?"
)
NOUNS = f"(?: (?:{'|'.join(_KINDS.split())}))?"
FIXED = (
    "music|soundtrack|score|volume|captions?|subtitles?|titles?|title card|cards?|logo|voice-?over|length|seconds|shorter|longer|"
    "trailer|font|cheaper|better|shape"
)  # what is no matter of which shots are shown
NOBODY = r"(?:nobody|no ?one|no-one|without anyone|without anybody)"
MOODS: Mapping[str, str] = {
    "tense": "tense|tension|tenser|suspenseful|scary|scarier|creepy|thriller|frightening|menacing",
    "laughing": "funny|funnier|comedy|comic|jokes?|humou?r|humorous|happy|happier|laughs",
    "crying": "sad|sadder|sadness|tearful|grief",
    "romance": "romantic|love|kiss|kisses|kissing",
    "fights": "fight|violence|violent|battles?|guns?",
    "fast action": "chases?|fights?|stunts?",
}
"""Other words for concepts, where the season's index has them."""
ACTS: Mapping[str, str] = {
    "opening": "open", "intro": "open", "beginning": "open", "start": "open", "climax": "peak", "build-up": "build",
    "buildup": "build", "ending": "last", "end": "last", "finish": "last", "pause": "breath",
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A season's names, and those that every season has."""

    index: "ShotIndex"
    lines: "Mapping[str, Sequence[Line]]"
    lexicon: "Lexicon | None"
    arc: Arc

    def there(self, wish: Wish) -> bool:
        """Whether any shot has something of what is wished; of a concept, that is."""
        kind, _, name = wish.what.partition(" ")
        return kind != "concept" or bool((self.index.concepts[name] > SLIGHT).any())

    def wishes(self, names: str, whole: str, free: bool = False) -> tuple[Wish, ...]:
        """What a clause names, by the words `names` that are left of it and the `whole` of it; nothing where they are unknown.

        Where `free` words are looked for in the pictures, one of the things that a concept stands for ("dogs") is no concept.
        """
        names = names.strip(" '\"“”.")
        if re.search(rf"\b{NOBODY}\b", whole):
            return self._nobody(whole)
        away = re.sub(
            r"^(?:(?:of|from|in|with|by|about|during|the|a|an|any|all|scenes?|shots?|moments?) )+", "", f"{names} "
        ).strip()
        for found in (
            self._episodes(away),
            self._people(away),
            self._scene(names),
            self._acts(names, away),
            self._qualities(away),
        ):
            if found:
                return found
        return self._concepts(away, free)

    def beyond(self, names: str) -> bool:
        """Whether words name what no choice of shots can do, or a person or an episode together with something else."""
        if re.search(rf"\b(?:{FIXED})\b", names) or re.search(rf"\b{NOBODY}\b", names):
            return True
        sides = re.split(r"\b(?:in|from|of|at|during|with|when|where|by|on)\b", names)
        bare = [re.sub(r"^(?:(?:the|a|an|any|all) )+", "", side.strip()) for side in sides]
        return len(bare) > 1 and any(self._episodes(side) or self._people(side) for side in bare)

    def _nobody(self, whole: str) -> tuple[Wish, ...]:
        if re.search(r"\b(?:talk|speak|say|dialog)", whole):
            return (Wish("quality spoken", never=True),)
        faces = "concept faces" if "faces" in self.index.concepts else "quality face"
        there = re.search(rf"\b{NOBODY}\b(?: is| to be)?(?: seen| there| in (?:it|the picture|shot))?$", whole)
        return (Wish(faces, never=True),) if there else ()

    def _episodes(self, names: str) -> tuple[Wish, ...]:
        there = self.index.episodes
        found: Sequence[str] = ()
        if named := [id for id in there if re.fullmatch(rf"(?:episode )?{re.escape(id.casefold())}", names)]:
            found = named
        elif re.fullmatch(r"(?:season )?finale|(?:last|final|latest) (?:episode|one)", names):
            found = there[-1:]
        elif re.fullmatch(r"pilot|(?:opening|pilot) episode", names):
            found = there[:1]
        elif match := re.fullmatch(r"(first|last|final) (\w+) episodes", names):
            count = COUNTS.get(match[2]) or (int(match[2]) if match[2].isdigit() else 0)
            found = there[:count] if match[1] == "first" else there[-count:] if count else ()
        elif match := re.fullmatch(r"(\w+) episode", names):
            found = there[(at := NUMBERS.index(match[1])) : at + 1] if match[1] in NUMBERS else ()
        elif match := re.fullmatch(r"(?:episodes?|eps?\.?|e)? ?(\d+)(?: ?(?:-|–|to|until) ?(\d+))?", names):
            first, last = int(match[1]), int(match[2] or match[1])
            found = [id for number in range(first, min(last, first + len(there)) + 1) for id in self._numbered(number)]
        return tuple(Wish(f"episode {id}") for id in found)

    def _numbered(self, number: int) -> list[str]:
        """The episode whose name ends in a number; else the one at that place."""
        named = [id for id in self.index.episodes if (digits := re.search(r"(\d+)$", id)) and int(digits[1]) == number]
        return named or list(self.index.episodes[number - 1 : number] if number > 0 else ())

    def _people(self, names: str) -> tuple[Wish, ...]:
        name = re.sub(
            r"(?:'s)?(?: (?:faces?|scenes?|lines?|shots?|moments?))?$", "", re.sub(r"^(?:character|person) ", "", names)
        )
        if name in self._cast:
            return (Wish(f"character {name}"),)
        if re.fullmatch(
            r"(?:main|lead(?:ing)?) (?:character|person|actor|actress|role)|hero(?:ine)?|lead|protagonist|star", name
        ):
            return (Wish("character p1", called=f"the {name} (p1)"),) if "p1" in self._cast else ()
        for speaker in self._speakers:
            if name and name in (speaker.casefold(), speaker.casefold().split()[0]):
                person = self._face(speaker)
                if person:
                    return (Wish(f"character {person}", called=f"{speaker.title()} ({person})"),)
                return (Wish(f"speaker {speaker}", called=speaker.title()),)
        return ()

    def _scene(self, names: str) -> tuple[Wish, ...]:
        there = {str(scene).casefold(): str(scene) for scene in self.index.signals["scene"]}
        found = re.search(r"(?:scene )?(\S+/\S+)$", names)
        return (Wish(f"scene {there[found[1]]}"),) if found and found[1] in there else ()

    def _acts(self, names: str, away: str) -> tuple[Wish, ...]:
        acts = {slot.name for slot in self.arc.slots}
        match = re.fullmatch(
            r"(?:the )?(longer |shorter |long |short )?(?:the )?([\w-]+)(?: act)?", names if names == away else away
        )
        name = ACTS.get(match[2], match[2]) if match else ""
        if re.match(r"(?:from|in|of) ", names) and name in ("open", "last"):
            return (Wish("quality early" if name == "open" else "quality late"),)
        if match and name in acts:
            return (Wish(f"act {name}", -1.0 if (match[1] or "").startswith("short") else 1.0, called=match[2]),)
        return ()

    def _qualities(self, names: str) -> tuple[Wish, ...]:
        for pattern, wishes in PHRASES.items():
            if re.fullmatch(pattern, names):
                return wishes
        bare = re.sub(f"{NOUNS}$", "", names)
        return next((wishes for words, wishes in QUALITY.items() if {bare, names} & set(words.split())), ())

    def _concepts(self, names: str, free: bool) -> tuple[Wish, ...]:
        """The concept that is so called, or that the words are another word for."""
        from trailers.features.lexicon import SHIPPED

        lexicon, bare = self.lexicon or SHIPPED, _singular(re.sub(f"{NOUNS}$", "", names))
        if re.search(rf"\b(?:{FIXED})\b", names):
            return ()
        for concept in map(str, self.index.concepts.columns):
            held = lexicon.words.get(concept)
            also = held.also if held and not (free and held.objects) else ()
            if bare and bare in {_singular(concept), *map(_singular, also)}:
                return (Wish(f"concept {concept}"),)
        moods = (
            mood for mood, also in MOODS.items() if mood in self.index.concepts and re.fullmatch(f"(?:{also}){NOUNS}", names)
        )
        return tuple(Wish(f"concept {mood}") for mood in moods)[:1]

    @cached_property
    def _cast(self) -> frozenset[str]:
        return frozenset(person for cast in self.index.signals["cast"] for person in str(cast).split())

    @cached_property
    def _speakers(self) -> tuple[str, ...]:
        """Whom the subtitles name, those first who say the most."""
        said = Counter(line.speaker for lines in self.lines.values() for line in lines if line.speaker)
        return tuple(name for name, _ in sorted(said.items(), key=lambda item: (-item[1], item[0])))

    def _face(self, speaker: str) -> str:
        """The person who is seen in most of the shots in which a speaker is heard, more than in others'; "" where nobody is."""
        seen: Counter[str] = Counter()
        shots = list(self._heard(speaker))
        for cast in shots:
            seen.update(cast)
        rest = Counter(person for other in self._speakers if other != speaker for cast in self._heard(other) for person in cast)
        best = max(sorted(seen), key=lambda person: seen[person] - rest[person], default="")
        return best if best and len(shots) > 1 and seen[best] >= SEEN * len(shots) and seen[best] > rest[best] else ""

    def _heard(self, speaker: str) -> Iterator[tuple[str, ...]]:
        """Who is seen in each shot in which someone is heard."""
        for shot, cast in zip(self.index.shots, self.index.signals["cast"], strict=True):
            said = (line for line in self.lines.get(shot.episode, ()) if line.speaker == speaker)
            if any(line.span.overlap(shot.span) for line in said):
                yield tuple(str(cast).split())


def _singular(words: str) -> str:
    return " ".join(re.sub(r"(?<=\w\w\w)(?:es|s)$", "", word) for word in words.casefold().split())
