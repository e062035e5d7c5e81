"""What a front end without a server asks of a desk over a kernel's wire, and what it is answered: plain data and bytes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from trailers.errors import RequestError, TrailersError
from trailers.review import filmstrip
from trailers.review.acts import Act, act_of
from trailers.review.desk import Desk
from trailers.review.light import light

MOST = 2000  # characters of a reason or a search
Message = Mapping[str, object]
Answer = tuple[dict[str, object], tuple[bytes, ...]]


class Wire:
    """A desk as one person's front end knows it: `answered` takes a question as plain data and gives plain data and bytes.

    A question is {id, ask, ...}; an answer {id, answer} or {id, error}, a sentence. Pictures and films travel as bytes beside it:
    `pictures` names the address of each. It remembers the last decision that its person has seen, and light copies of films.
    """

    def __init__(self, desk: Desk, who: str = "") -> None:
        self._desk, self._who = desk, who
        self._seen = 0
        self._films: dict[tuple[Path, int, int], bytes] = {}
        self._known: Mapping[str, Callable[[Message], Answer]] = {
            "season": self._season,
            "trailer": self._trailer,
            "instead": self._instead,
            "film": self._film,
            "preview": self._preview,
            "render": self._render,
            "job": lambda asked: ({"job": asdict(self._desk.job(_text(asked, "job")))}, ()),
            "cancel": lambda asked: ({"job": asdict(self._desk.cancel(_text(asked, "job")))}, ()),
            "decide": self._decide,
        }

    def answered(self, asked: object) -> Answer:
        """The answer to a question, or the error in a sentence; nothing that a front end sends raises."""
        if not isinstance(asked, Mapping):
            return {"id": None, "error": "a question is an object with an id and what is asked"}, ()
        number, ask = asked.get("id"), str(asked.get("ask"))
        try:
            if ask not in self._known:
                raise RequestError(f"a question is one of {', '.join(self._known)}: {ask[:40]!r} was found")
            answer, held = self._known[ask](asked)
        except TrailersError as error:
            return {"id": number, "error": str(error)}, ()
        return {"id": number, "answer": answer}, held

    def _season(self, asked: Message) -> Answer:
        view = self._desk.season(self._who)
        cuts = [
            {
                "name": name,
                "title": segment.name,
                "seconds": next((v.seconds for v in segment.variants if v.trailer == name), None),
            }
            for segment in view.segments
            for name in segment.trailers
        ]
        return {"title": view.title, "who": view.who or self._who, "trailers": cuts}, ()

    def _trailer(self, asked: Message) -> Answer:
        view = self._desk.trailer(_text(asked, "trailer"), _text(asked, "language", ""))
        self._seen = max(self._seen, view.log)
        pictures, held = self._pictures(clip.thumb for clip in view.clips)
        return {"view": asdict(view), "pictures": pictures}, held

    def _instead(self, asked: Message) -> Answer:
        shots = self._desk.instead(_text(asked, "trailer"), _text(asked, "shot"), _text(asked, "words", "").strip(), 20)
        pictures, held = self._pictures(shot.thumb for shot in shots)
        return {"shots": [asdict(shot) for shot in shots], "pictures": pictures}, held

    def _film(self, asked: Message) -> Answer:
        """A file that a view or a preview named, as a light copy, and its captions if they were named too."""
        path = self._desk.file(_text(asked, "address"))
        stat = path.stat()
        name = path, stat.st_mtime_ns, stat.st_size
        if name not in self._films:
            self._films = dict(list(self._films.items())[-7:])
            self._films[name] = light(path)
        words = filmstrip.file_of(self._desk, _text(asked, "captions", ""))
        return {"type": "video/mp4", "captions": bool(words)}, (self._films[name], *([words.read_bytes()] if words else []))

    def _preview(self, asked: Message) -> Answer:
        acts = asked.get("acts", [])
        if not isinstance(acts, list) or len(acts) > 50:
            raise RequestError("a preview takes a list of acts, 50 at most")
        found = tuple(_act(each) for each in acts)
        job = self._desk.preview(_text(asked, "trailer"), _text(asked, "shape"), found, _text(asked, "language", ""))
        return {"job": asdict(job)}, ()

    def _render(self, asked: Message) -> Answer:
        return {"job": asdict(self._desk.render((_text(asked, "trailer"),)))}, ()

    def _decide(self, asked: Message) -> Answer:
        act = _act(asked)
        made = self._desk.decide(act, self._who, _text(asked, "why", ""), self._seen)
        self._seen = max(self._seen, made.log)
        return {"decision": asdict(made.decision), "others": [asdict(other) for other in made.others]}, ()

    def _pictures(self, addresses: Iterable[str]) -> tuple[list[str], tuple[bytes, ...]]:
        found = {each: path for each in dict.fromkeys(addresses) if (path := filmstrip.file_of(self._desk, each))}
        return list(found), tuple(path.read_bytes() for path in found.values())


def _act(given: object) -> Act:
    """A decision as a front end has it: {what, act}."""
    facts = given.get("act") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(facts, Mapping):
        raise RequestError("a decision has a `what` and an `act` with its facts")
    return act_of(_text(given, "what"), facts)


def _text(asked: Message, name: str, otherwise: str | None = None) -> str:
    value = asked.get(name, otherwise)
    if not isinstance(value, str) or len(value) > MOST:
        raise RequestError(f"a question's {name} is text of at most {MOST} characters")
    return value
