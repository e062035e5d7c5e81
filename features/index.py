"""All that is known of a season's shots in one place: their vectors, signals and concepts; kept in LanceDB, searched in words."""

import fcntl
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trailers.errors import RequestError, WorkError
from trailers.features.concepts import concepts
from trailers.features.encoder import Encoder
from trailers.features.shots import Shot
from trailers.features.signals import Look
from trailers.features.span import Span, to_seconds

if TYPE_CHECKING:
    import lancedb
    import pyarrow
TABLE, VECTOR, CONCEPT = "shots", "vector", "concept "
TRIES = 8  # times a write is tried against other processes that write the same table
LOOK = (
    "motion",
    "brightness",
    "contrast",
    "colourfulness",
    "sharpness",
    "black",
    "frozen",
    "faces",
    "face_size",
    "subject",
    "text",
)
LISTEN = ("loudness", "peak", "speech", "onsets", "silence")
SIGNALS = (*LOOK, "palette", *LISTEN, "dialogue", "talk", "crossing", "position", "seconds")


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
) -> ShotIndex:
    """One index from the parts of all episodes; `vectors` row for row as `shots`, tables by shot id, `rates` by episode.

    Adds `position` (the shot's middle, 0..1 of its episode), `seconds` (its length) and the concepts, which compare the season's
    shots with each other. KeyError for a shot that a table lacks.
    """
    given = tuple(shots)
    order = sorted(range(len(given)), key=lambda row: given[row].id)
    ordered = tuple(given[row] for row in order)
    ids = [shot.id for shot in ordered]
    ends: dict[str, int] = {}
    for shot in ordered:
        ends[shot.episode] = max(ends.get(shot.episode, 0), shot.span.stop)
    signals = pd.concat([look.loc[ids], listen.loc[ids], words.loc[ids]], axis=1)
    signals["position"] = [(shot.span.start + shot.span.stop) / 2 / ends[shot.episode] for shot in ordered]
    signals["seconds"] = [to_seconds(len(shot.span), rates[shot.episode]) for shot in ordered]
    signals = signals[list(SIGNALS)]
    signals.index.name = "shot"
    rows = np.ascontiguousarray(vectors[order], np.float32)
    return ShotIndex(ordered, rows, signals, concepts(rows, signals, encoder), encoder.name)


# On disk: one table, a row a shot; `digest` is of all the rows of an episode, so what changed is told without comparing rows.


def write_index(index: ShotIndex, folder: Path) -> None:
    """Brings the table under `folder` to hold this index; rows of episodes that are as they were are not touched.

    Vectors of two encoders never mix: when the encoder differs, so does every row. Each step is one commit, so a process killed
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
                if _commit(lancedb.connect(folder), wanted):
                    return
            except (RuntimeError, ValueError, OSError) as error:  # another process committed in between
                last = error
    raise WorkError(f"the index in {folder} could not be written, other processes kept changing it: {last}")


def read_index(folder: Path) -> ShotIndex:
    """The index as it was written, bit for bit, sorted by shot id; RequestError where there is none."""
    import lancedb

    missing = RequestError(f"there is no index in {folder}; make it first: trailers index SEASON.toml")
    if not folder.is_dir():
        raise missing
    try:
        table = lancedb.connect(folder).open_table(TABLE).to_arrow()
    except (RuntimeError, ValueError, OSError):
        raise missing from None
    return _from_arrow(table)


def _commit(db: "lancedb.DBConnection", wanted: "pyarrow.Table") -> bool:
    """One step towards the wanted rows; whether they stood there already."""
    if TABLE not in db.list_tables().tables:
        db.create_table(TABLE, wanted)
        return False
    table = db.open_table(TABLE)
    if table.schema != wanted.schema:  # other columns, or vectors of another length
        db.create_table(TABLE, wanted, mode="overwrite")
        return False
    before, after = _digests(table.search().select(["episode", "digest"]).to_arrow()), _digests(wanted)
    touched = sorted(episode for episode in before.keys() | after.keys() if before.get(episode) != after.get(episode))
    if not touched:
        return True
    inside = ", ".join("'" + episode.replace("'", "''") + "'" for episode in touched)
    merge = table.merge_insert("shot").when_matched_update_all().when_not_matched_insert_all()
    changed = wanted.filter([episode in touched for episode in wanted["episode"].to_pylist()])
    merge.when_not_matched_by_source_delete(f"episode IN ({inside})").execute(changed)
    return False


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
            VECTOR: _to_vectors(index.vectors[rows]),
        }
        for prefix, table in (("", index.signals), (CONCEPT, index.concepts)):
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


def _to_vectors(rows: np.ndarray) -> "pyarrow.Array":
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(rows, np.float32).ravel()), rows.shape[1])


def _from_vectors(table: "pyarrow.Table") -> np.ndarray:
    column = table[VECTOR].combine_chunks()
    return np.array(column.flatten(), np.float32).reshape(len(table), column.type.list_size)


def _from_arrow(table: "pyarrow.Table") -> ShotIndex:
    table = table.sort_by("shot")
    ids, *rest = (table[name].to_pylist() for name in ("shot", "episode", "start", "stop"))
    shots = tuple(Shot(shot, episode, Span(start, stop)) for shot, episode, start, stop in zip(ids, *rest, strict=True))
    frame = table.drop_columns(["shot", "episode", "start", "stop", "encoder", VECTOR, "digest"]).to_pandas()
    frame.index = pd.Index(ids, name="shot")
    words = [name for name in frame.columns if name.startswith(CONCEPT)]
    concept = frame[words].rename(columns=lambda name: name.removeprefix(CONCEPT))
    return ShotIndex(shots, _from_vectors(table), frame.drop(columns=words), concept, table["encoder"][0].as_py())


# An episode's part as one file: same part, same bytes.


def save_table(table: pd.DataFrame, path: Path) -> None:
    """A table with its index as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(table), path, compression="zstd")


def load_table(path: Path) -> pd.DataFrame:
    """What `save_table` wrote."""
    import pyarrow.parquet as pq

    table: pd.DataFrame = pq.read_table(path).to_pandas()
    return table


def save_look(look: Look, path: Path) -> None:
    """What was seen in an episode, signals and vectors, as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(look.signals)
    if look.vectors is not None:
        table = table.append_column(VECTOR, _to_vectors(look.vectors))
    pq.write_table(table, path, compression="zstd")


def load_look(path: Path) -> Look:
    """What `save_look` wrote."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    if VECTOR not in table.column_names:
        return Look(table.to_pandas(), None)
    return Look(table.drop_columns([VECTOR]).to_pandas(), _from_vectors(table))
