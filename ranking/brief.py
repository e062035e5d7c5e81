"""A brief in words as changes that a person can see before anything is solved: a small grammar, no language model."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trailers.ranking.choice.arc import Arc
from trailers.ranking.choice.wished import SHAPED, in_words
from trailers.ranking.named import Named, Wish
from trailers.season import Change

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.features.lexicon import Lexicon

__all__ = ["Brief", "in_words", "read_brief"]

USUAL, LITTLE, MUCH = 0.5, 0.25, 1.0  # how much "more" is, "a little more", "much more"
OWN_WORDS = 4  # words of a plain remark at most, for it to be looked for in the pictures
_A_LITTLE = r"\b(?:(?:just )?an? (?:little|bit|touch|tad)(?: of)?|slightly|somewhat)\b"
_A_LOT = (
    r"\b(?:much|far|way|(?:quite )?a lot(?: of)?|lots(?: of)?|plenty of|very|really|a great deal(?: of)?|as much as possible)\b"
)
_DO_NOT = r"(?:not|never|don['’]?t|do not|please don['’]?t)"
_AWAY = r"(?:leave out|leave|drop|lose|cut out|cut|skip|remove|omit|exclude|forget|miss)"
_BETTER = (
    "calmer|quieter|slower|softer|gentler|faster|quicker|louder|livelier|wilder|snappier|brighter|darker|lighter|longer|shorter|"
    "warmer|colder|wider|closer|happier|sadder|funnier|scarier|tenser"
)
_SIGNS: Sequence[tuple[str, str]] = (
    ("more", rf"{_DO_NOT} (?:be |go )?(?:without|{_AWAY})(?: any)?(?: of)?\b"),
    ("only", r"nothing (?:but|except|other than)\b"),
    ("none", r"no more(?: of)?\b(?! than)"),
    ("open", rf"(?:{_DO_NOT}|no|nothing)(?: \w+){{0,3}}? (?:only|just|more|less|fewer|{_BETTER})\b"),
    ("only", r"(?:only|solely|exclusively)\b"),
    ("less", r"(?:not|isn['’]?t|don['’]?t be) (?:quite )?(?:so|too|as|that)(?: much| many)?\b"),
    ("less", r"(?:(?:it['’]?s|it is|there['’]?s|there is) )?too (?:much|many)\b|(?:(?:it['’]?s|it is) )?too\b"),
    ("less", r"(?:less|fewer|reduce|tone down|cut (?:down|back) on|go easy on)\b"),
    ("none", r"(?:nothing|none|not one|not any|without(?: any)?|never|avoid|hide|zero|no|not)\b"),
    ("none", rf"(?:{_DO_NOT} (?:show|use|want|include|have|see|like|need))(?: any)?\b|{_AWAY}\b"),
    ("more", r"(?:more|add|increase|focus on|feature|featuring|keep|emphasi[sz]e|boost|stress|show|with|plus|start with)\b"),
)
"""What a clause does with what it names, the first that it begins with; "open": it can be read in two ways."""
_NOT_THERE = (
    r"(.+?) (?:should|must|may|shall|can|do|does|is|are|has to|have to)(?: not|n't| never) "
    r"(?:be(?: (?:there|shown|seen|in it|in there|used|included))?|appear|show up|come up|be in)"
)
_AGAIN = r"(?:and|or|nor|&)"
_FILLER = re.compile(
    r"^(?:please|kindly|can|could|you|we|i|it|this|make|made|let['’]?s?|be|feel|give|us|me|want|would|like|need|should|have|see|"
    r"get|use|some|any|all|of|the|a|an|that|there|is|to|about|on|at|in|with|also|then|go|a bit|trailer|cut|edit)\b\s*"
)
_COMMON = frozenset(
    re.findall(
        r"\w+", "it this that them him her his everything something anything thing things one ones stuff trailer and or nor but"
    )
)


@dataclass(frozen=True)
class Brief:
    """A brief as it was understood: `told[n]` is `changes[n]` in words, `unread` is what nothing was made of."""

    words: str
    changes: tuple[Change, ...] = ()
    told: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read_brief(
    words: str,
    index: "ShotIndex",
    lines: "Mapping[str, Sequence[Line]] | None" = None,
    lexicon: "Lexicon | None" = None,
    arc: Arc | None = None,
    encoder: "Callable[[], Encoder] | None" = None,
) -> Brief:
    """Reads English such as "calmer, more of Ana, nothing from the last episode" as changes of a segment's wishes.

    It knows qualities ("louder", "fewer close faces"), pace ("slower cuts"), acts ("a longer ending"), concepts and words for
    them, characters ("p2", "the main character", or names that subtitles give to speakers), episodes ("the last two episodes")
    and scenes; other words are asked of the pictures as in a search, where there is an `encoder` for that. Of two that say
    otherwise of the same thing the later holds.
    What can be read in two ways ("not more of Ana") is left unread.
    """
    named = Named(index, lines or {}, lexicon, arc or Arc())
    changes: dict[str, tuple[Change, str]] = {}
    unread: list[str] = []
    alone: set[str] = set()  # the episodes that alone are wished
    for clause in _clauses(words):
        wishes = _wishes(clause, named, free=encoder is not None)
        if clause.sign == "only" and wishes and all(wish.what.startswith("episode ") for wish in wishes):
            alone |= {wish.what for wish in wishes}
            wishes = tuple(Wish(f"episode {id}", never=True) for id in index.episodes if f"episode {id}" not in alone)
            for wish in alone:
                changes.pop(wish, None)
        found = [(change, _told(change, wish)) for n, wish in enumerate(wishes) if (change := _changed(wish, clause, n == 0))]
        if not wishes:
            unread.append(clause.text)
        for change, told in found:
            changes.pop(change.what, None)
            changes[change.what] = change, told
    kept = changes.values()
    return Brief(words, tuple(change for change, _ in kept), tuple(told for _, told in kept), tuple(unread))


@dataclass(frozen=True)
class _Clause:
    """A part of a brief that names one thing: what is done with it, how much, and the words that name it."""

    text: str
    sign: str
    size: float
    names: str


def _clauses(words: str) -> Iterator[_Clause]:
    """The parts of a brief in order; one that follows an "and" or "or" and says nothing else does what the one before it does."""
    plain = re.sub(r"\s+", " ", words.replace("’", "'")).strip()
    for sentence in re.split(r"[,;:\n!?()]+|\.(?=\s|$)|(?<!nothing )\b(?:but|while|although|though|yet)\b", plain):
        before: _Clause | None = None
        if after := re.fullmatch(r"(.+) (?:only|alone)", sentence.strip(), re.IGNORECASE):
            sentence = f"only {after[1]}"
        elif after := re.fullmatch(_NOT_THERE, sentence.strip(), re.IGNORECASE):
            sentence = f"without {after[1]}"
        for part in re.split(rf"\s+{_AGAIN}\s+", sentence):
            turned = re.split(r"\s+(?:instead of|rather than|than)\s+", part.strip())
            for number, text in enumerate(turned):
                if text.strip():
                    clause = _clause(text.strip(), before)
                    if number and clause.sign in ("", "more"):
                        clause = replace(clause, sign="less")
                    yield clause
                    before = clause if clause.sign != "open" else None


def _clause(text: str, before: _Clause | None) -> _Clause:
    low, size = text.casefold(), before.size if before else USUAL
    said = False
    for pattern, much in ((_A_LITTLE, LITTLE), (_A_LOT, MUCH)):
        kept = re.sub(r"\bnot (?:a lot of|a lot|much|many|very|really)\b", "not so", low)
        kept = re.sub(r"\b(?:so|too|as|how) (?:much|many)\b", lambda found: found.group().replace(" ", "_"), kept)
        shorter = re.sub(pattern, " ", kept)
        if shorter != kept:
            size, said = much, True
        low = shorter.replace("_", " ")
    low = " ".join(low.split())
    sign = ""
    while low:
        if found := next(((sign, m) for sign, pattern in _SIGNS if (m := re.match(pattern, low))), None):
            sign = sign if sign and found[0] == "more" else found[0]  # "never show", "show no"
            low = low[found[1].end() :].strip()
            if sign == "open":
                return _Clause(text, sign, size, low)
            continue
        if low != (shorter := _FILLER.sub("", low)):
            low = shorter
            continue
        break
    if not sign and before and not re.match(rf"(?:{_BETTER})\b", low):
        sign = before.sign
        low = re.sub(r"^(?=\d+$)", "episode ", low)
    elif sign and size == (before.size if before else 0) and not said:
        size = USUAL
    return _Clause(text, sign, size, low)


def _wishes(clause: _Clause, named: Named, free: bool) -> tuple[Wish, ...]:
    """What a clause names, other words too where they are `free`; nothing where it cannot be read."""
    if clause.sign == "open" or not clause.names:
        return ()
    if found := named.wishes(clause.names, clause.text.casefold(), free):
        if clause.sign in ("", "more", "only") and not any(named.there(wish) for wish in found):
            return ()  # what the season has nothing of can be left out, but not shown
        return tuple(wish for wish in found if wish.main) if clause.sign == "only" else found
    plain = [word for word in re.findall(r"[\w'-]+", clause.names) if word not in _COMMON]
    many = 2 * OWN_WORDS if clause.sign else OWN_WORDS
    if not free or not 0 < len(plain) <= many or named.beyond(clause.names):
        return ()
    return (Wish(f"words {' '.join(plain)}"),)


def _changed(wish: Wish, clause: _Clause, first: bool) -> Change | None:
    """One wish as a change, by what its clause does with it."""
    shaped = wish.what.split()[0] in SHAPED
    if wish.never or (clause.sign == "none" and wish.by > 0 and (not shaped or wish.what.startswith("act ")) and wish.main):
        return Change(wish.what, None)
    if clause.sign in ("none", "less") and not (wish.main or first):
        return None  # what goes with a thing says nothing of the lack of it
    size = MUCH if clause.sign == "only" or (clause.sign == "none" and not shaped) else clause.size
    by = size * wish.by * (-1 if clause.sign in ("none", "less") else 1)
    return Change(wish.what, round(max(-1.0, min(1.0, by)), 2))


def _told(change: Change, wish: Wish) -> str:
    told = in_words(change)
    return told.replace(wish.what.partition(" ")[2], wish.called, 1) if wish.called else told
