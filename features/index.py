"""All that is known of a season's shots in one place: their vectors, signals and concepts; kept in LanceDB, searched in words."""

import fcntl
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trailers.errors import RequestError, WorkError
from trailers.features import dialogue, nearest, signals, sound
from trailers.features import where as conditions
from trailers.features.concepts import concepts
from trailers.features.encoder import Encoder
from trailers.features.lexicon import Lexicon
from trailers.features.parcel import VECTOR, from_vectors, load_look, load_table, save_look, save_table, to_vectors
from trailers.features.shots import Shot
from trailers.features.span import Span, to_seconds

if TYPE_CHECKING:
    import lancedb
    import pyarrow
__all__ = [  # with the files of an episode's part, so that a caller needs one room
    "SIGNALS", "TEXTS", "ShotIndex", "assemble", "load_look", "load_table", "propose", "read_index", "save_look", "save_table",
    "write_index",
]  # fmt: skip
TABLE, CONCEPT = "shots", "concept "
DERIVED = ("season_position",)  # not kept: it is another for every shot when an episode comes, and follows from the shots
TRIES = 8  # times a write is tried against other processes that write the same table
_AGREED = (
    *("motion", "camera", "action", "brightness", "contrast", "colourfulness", "sharpness", "black", "white", "frozen"),
    *("letterbox", "pillarbox", "faces", "face_size", "face_x", "face_y", "scale", "subject", "text", "palette", "warmth"),
    "night",
)
LOOK = tuple(dict.fromkeys((*signals.COLUMNS, *_AGREED)))
STRUCTURE = ("cast", "lead", "scene", "setup", "like_before", "like_after", "step", "part")
SIGNALS = tuple(dict.fromkeys((*LOOK, *sound.COLUMNS, *dialogue.COLUMNS, *STRUCTURE, "position", "season_position", "seconds")))
"""Every column, in one order; what each is stands in the COLUMNS of the room that gives it."""
TEXTS = frozenset(("palette", "scale", "cast", "language", "dialogue", "heard", "scene", "setup", "part"))
"""Those of the columns that hold text; empty where nothing is known. The others hold numbers; NaN where nothing is known."""


@dataclass(frozen=True, eq=False)
class ShotIndex:
    """A season's shots, sorted by id, and row for row unit vectors (n, d) float32, signals (SIGNALS), concepts (words, 0..1).

    `signals` and `concepts` are indexed by shot id. `encoder` names the weights that made the vectors.
    """

    shots: tuple[Shot, ...]
    vectors: np.ndarray
    signals: pd.DataFrame
    concepts: pd.DataFrame
    encoder: str

    def __post_init__(self) -> None:
        ids = [shot.id for shot in self.shots]
        if ids != sorted(set(ids)):
            raise ValueError("shots stand sorted by id, each once")
        if self.vectors.ndim != 2 or len(self.vectors) != len(ids) or self.vectors.dtype != np.float32:
            raise ValueError(
                f"vectors are (n, d) float32, one row a shot: {self.vectors.shape = }, {self.vectors.dtype = }, {len(ids) = }"
            )
        for name, table in (("signals", self.signals), ("concepts", self.concepts)):
            if list(table.index) != ids:
                raise ValueError(f"{name} are indexed by the shots' ids in their order: {table.shape = }, {len(ids) = }")
        if missing := [name for name in SIGNALS if name not in self.signals]:
            raise ValueError(f"signals lack {', '.join(missing)}: {self.signals.shape = }")

    def __len__(self) -> int:
        return len(self.shots)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {shot.id: row for row, shot in enumerate(self.shots)}

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """The rows of shots, in the order asked; KeyError for a shot that is not here."""
        return np.array([self._row[each] for each in ids], np.int64)

    @property
    def known(self) -> pd.DataFrame:
        """Signals and concepts side by side, as conditions ask them; a signal comes before a concept of its name."""
        return pd.concat([self.signals, self.concepts.drop(columns=[n for n in self.concepts if n in self.signals])], axis=1)

    @property
    def episodes(self) -> tuple[str, ...]:
        return tuple(sorted({shot.episode for shot in self.shots}))


def assemble(
    shots: Iterable[Shot],
    vectors: np.ndarray,
    look: pd.DataFrame,
    listen: pd.DataFrame,
    words: pd.DataFrame,
    encoder: Encoder,
    rates: Mapping[str, Fraction],
    structure: pd.DataFrame | None = None,
    lexicon: Lexicon | None = None,
) -> ShotIndex:
    """One index from the parts of all episodes; `vectors` row for row as `shots`, tables by shot id, `rates` by episode.

    `structure` holds what a season's shots are to each other (STRUCTURE). Adds `position` (the shot's middle, 0..1 of its
    episode), `season_position` (the same of the season, each episode an equal part), `seconds` (its length) and the concepts of
    the lexicon. A column of SIGNALS that no table gives is unknown. KeyError for a shot that a table lacks.
    """
    given = tuple(shots)
    order = sorted(range(len(given)), key=lambda row: given[row].id)
    ordered = tuple(given[row] for row in order)
    ids = [shot.id for shot in ordered]
    ends: dict[str, int] = {}
    for shot in ordered:
        ends[shot.episode] = max(ends.get(shot.episode, 0), shot.span.stop)
    tables = [look, listen, words] if structure is None else [look, listen, words, structure]
    found = pd.concat([table.loc[ids] for table in tables], axis=1)
    found = found.loc[:, ~found.columns.duplicated(keep="last")]
    found["position"] = [(shot.span.start + shot.span.stop) / 2 / ends[shot.episode] for shot in ordered]
    found["season_position"] = _season_position(ordered, found["position"])
    found["seconds"] = [to_seconds(len(shot.span), rates[shot.episode]) for shot in ordered]
    found = found.reindex(columns=list(SIGNALS))
    for name in TEXTS:
        found[name] = found[name].astype(object).fillna("").astype(str)
    found.index = pd.Index(ids, name="shot")
    rows = np.ascontiguousarray(vectors[order], np.float32)
    return ShotIndex(ordered, rows, found, concepts(rows, found, encoder, lexicon), encoder.name)


def _season_position(shots: Sequence[Shot], position: Iterable[float]) -> list[float]:
    place = {episode: n for n, episode in enumerate(sorted({shot.episode for shot in shots}))}
    return [(place[shot.episode] + at) / len(place) for shot, at in zip(shots, position, strict=True)]


# On disk: one table, a row a shot; `digest` is of all the rows of an episode, so what changed is told without comparing rows.


def write_index(index: ShotIndex, folder: Path, keep: bool = False) -> None:
    """Brings the table under `folder` to hold this index; rows of episodes that are as they were are not touched.

    Episodes that are not in this index are dropped, or kept where `keep` says so: then an index may grow by an episode. Vectors
    of two encoders never mix: a whole index of another encoder replaces every row, and to keep rows beside it is refused with a
    RequestError that names both. Each step is one commit, so a process killed
    on the way leaves the old table or the new one. Processes that write at once take turns by a lock on the folder; where that
    does not hold (other machines), a write is looked at afterwards and tried again. WorkError if others never let go.
    """
    import lancedb

    if not len(index):
        raise ValueError(f"an index without shots is not written: {len(index) = }")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _to_arrow(index)
    last: Exception | None = None
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go by the system when the process ends, however it ends
        for _ in range(TRIES):
            try:
                if _commit(lancedb.connect(folder), wanted, keep):
                    nearest.ensure(lancedb.connect(folder).open_table(TABLE))
                    return
            except (RuntimeError, ValueError, OSError) as error:  # another process committed in between
                last = error
    raise WorkError(f"the index in {folder} could not be written, other processes kept changing it: {last}")


def read_index(folder: Path) -> ShotIndex:
    """The index as it was written, bit for bit, sorted by shot id; RequestError where there is none."""
    return _from_arrow(_open(folder).to_arrow())


def _open(folder: Path) -> "lancedb.table.Table":
    import lancedb

    missing = RequestError(f"there is no index in {folder}; make it first: trailers index SEASON.toml")
    if not folder.is_dir():
        raise missing
    try:
        return lancedb.connect(folder).open_table(TABLE)
    except (RuntimeError, ValueError, OSError):
        raise missing from None


def propose(
    folder: Path,
    asked: np.ndarray | None,
    words: str,
    encoder: str,
    k: int,
    episode: str | None = None,
    like: str | None = None,
    where: str | None = None,
) -> ShotIndex:
    """The rows of a large index that a search is decided among: k nearest to a vector, k nearest to a shot, k by their dialogue.

    An index of up to `nearest.EXACT` rows is given whole. Errors are those of `read_index` and of `where.parse`.
    """
    table = _open(folder)
    if table.count_rows() <= nearest.EXACT:
        return read_index(folder)
    empty = table.schema.empty_table().drop_columns([VECTOR]).to_pandas().rename(columns=lambda name: name.removeprefix(CONCEPT))
    stored = {name.removeprefix(CONCEPT): name for name in reversed(table.schema.names)}
    tests = [] if where is None else [conditions.to_sql(conditions.parse(where, empty), stored)]
    tests += [] if episode is None else [f"episode = '{_quoted(episode)}'"]
    sql = " AND ".join(f"({test})" for test in tests) or None
    parts = []
    if like is not None:
        seed = table.search().where(f"shot = '{_quoted(like)}'").limit(1).to_arrow()
        parts += [seed, *(nearest.nearest(table, from_vectors(seed)[0], k, sql) for _ in range(len(seed)))]
    if asked is not None:
        parts += [nearest.nearest(table, asked, k, sql), nearest.spoken(table, words, k, sql)]
    return _from_arrow(_each_once([part.select(table.schema.names) for part in parts]))


def _commit(db: "lancedb.DBConnection", wanted: "pyarrow.Table", keep: bool) -> bool:
    """One step towards the wanted rows; whether they stood there already."""
    if TABLE not in db.list_tables().tables:
        db.create_table(TABLE, wanted)
        return False
    table = db.open_table(TABLE)
    if keep:
        _alike(table, wanted)
    elif table.schema != wanted.schema:  # other columns, or vectors of another length
        db.create_table(TABLE, wanted, mode="overwrite")
        return False
    before, after = _digests(table.search().select(["episode", "digest"]).to_arrow()), _digests(wanted)
    asked = after.keys() if keep else before.keys() | after.keys()
    touched = sorted(episode for episode in asked if before.get(episode) != after.get(episode))
    if not touched:
        return True
    inside = ", ".join(f"'{_quoted(episode)}'" for episode in touched)
    merge = table.merge_insert("shot").when_matched_update_all().when_not_matched_insert_all()
    changed = wanted.filter([episode in touched for episode in wanted["episode"].to_pylist()])
    merge.when_not_matched_by_source_delete(f"episode IN ({inside})").execute(changed)
    return False


def _alike(table: "lancedb.table.Table", wanted: "pyarrow.Table") -> None:
    """Refuses rows that would stand beside those of another encoder, or with other columns."""
    held = sorted(set(table.search().select(["encoder"]).to_arrow()["encoder"].to_pylist()))
    if held and held != (brought := sorted(set(wanted["encoder"].to_pylist()))):
        raise RequestError(_mixed([*held, *brought]))
    if table.schema != wanted.schema:
        raise RequestError("the index holds other columns than these episodes bring: index the whole season anew")


def _mixed(encoders: Sequence[str]) -> str:
    return f"vectors of two encoders do not mix: {' and '.join(dict.fromkeys(encoders))}; index the whole season with one of them"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _each_once(parts: Sequence["pyarrow.Table"]) -> "pyarrow.Table":
    import pyarrow as pa

    whole = pa.concat_tables(parts)
    first = {shot: row for row, shot in reversed(list(enumerate(whole["shot"].to_pylist())))}
    return whole.take(sorted(first.values()))


def _digests(table: "pyarrow.Table") -> dict[str, Counter[str]]:
    """Of each episode its rows' digests, counted: rows of two writers, or rows doubled, show as a difference."""
    found: dict[str, Counter[str]] = {}
    for row in table.select(["episode", "digest"]).to_pylist():
        found.setdefault(row["episode"], Counter())[row["digest"]] += 1
    return found


def _to_arrow(index: ShotIndex) -> "pyarrow.Table":
    import pyarrow as pa

    parts = []
    episodes = np.array([shot.episode for shot in index.shots], object)
    for episode in index.episodes:
        rows = np.flatnonzero(episodes == episode)
        shots = [index.shots[row] for row in rows]
        columns = {
            "shot": pa.array([shot.id for shot in shots], pa.string()),
            "episode": pa.array([episode] * len(rows), pa.string()),
            "start": pa.array([shot.span.start for shot in shots], pa.int64()),
            "stop": pa.array([shot.span.stop for shot in shots], pa.int64()),
            "encoder": pa.array([index.encoder] * len(rows), pa.string()),
            VECTOR: to_vectors(index.vectors[rows]),
        }
        for prefix, table in (("", index.signals.drop(columns=list(DERIVED))), (CONCEPT, index.concepts)):
            for name in table.columns:
                columns[f"{prefix}{name}"] = _to_column(table[name].iloc[rows])
        part = pa.table(columns)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as stream:
            stream.write_table(part)
        digest = hashlib.sha256(sink.getvalue()).hexdigest()
        parts.append(part.append_column("digest", pa.array([digest] * len(rows), pa.string())))
    return pa.concat_tables(parts)


def _to_column(column: "pd.Series[Any]") -> "pyarrow.Array":
    import pyarrow as pa

    if pd.api.types.is_numeric_dtype(column):  # bool among them
        return pa.array(column.to_numpy())
    return pa.array(column.tolist(), pa.string())


def _from_arrow(table: "pyarrow.Table") -> ShotIndex:
    table = table.sort_by("shot")
    ids, *rest = (table[name].to_pylist() for name in ("shot", "episode", "start", "stop"))
    shots = tuple(Shot(shot, episode, Span(start, stop)) for shot, episode, start, stop in zip(ids, *rest, strict=True))
    frame = table.drop_columns(["shot", "episode", "start", "stop", "encoder", VECTOR, "digest"]).to_pandas()
    frame.index = pd.Index(ids, name="shot")
    words = [name for name in frame.columns if name.startswith(CONCEPT)]
    concept = frame[words].rename(columns=lambda name: name.removeprefix(CONCEPT))
    encoders = sorted(set(table["encoder"].to_pylist()))
    if len(encoders) > 1:
        raise RequestError(_mixed(encoders))
    if "position" not in frame or set(SIGNALS) - set(frame.columns) - set(DERIVED):
        raise RequestError("the index was made by an earlier version and lacks columns: index the season anew")
    frame["season_position"] = _season_position(shots, frame["position"])
    frame = frame[[name for name in SIGNALS if name in frame] + [name for name in frame if name not in (*SIGNALS, *words)]]
    return ShotIndex(shots, from_vectors(table), frame, concept, encoders[0])
