"""All that is known of a season's shots in one place: their vectors, signals and concepts; kept in LanceDB, searched in words."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from trailers.features.shots import Shot

from trailers.errors import RequestError, WorkError
from trailers.features.concepts import concepts
from trailers.features.encoder import Encoder
from trailers.features.span import Span, to_seconds

if TYPE_CHECKING:
    import lancedb
    import pyarrow
    from trailers.features.signals import Look

TABLE = "shots"
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
    """A season's shots, sorted by id, and row for row: unit vectors (n, d) float32, signals (n x SIGNALS), concepts (n x words, 0..1).

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

    Adds `position` (the shot's middle, 0..1 of its episode), `seconds` (its length) and the concepts, which compare the season's shots.
    """
    given = tuple(shots)
    order = sorted(range(len(given)), key=lambda row: given[row].id)
    ordered = tuple(given[row] for row in order)
    ids = [shot.id for shot in ordered]
    ends: dict[str, int] = {}
    for shot in ordered:
        ends[shot.episode] = max(ends.get(shot.episode, 0), shot.span.stop)
    signals = pd.concat([look.reindex(ids), listen.reindex(ids), words.reindex(ids)], axis=1)
    signals["position"] = [(shot.span.start + shot.span.stop) / 2 / ends[shot.episode] for shot in ordered]
    signals["seconds"] = [to_seconds(len(shot.span), rates[shot.episode]) for shot in ordered]
    signals = signals[list(SIGNALS)]
    signals.index.name = "shot"
    rows = np.ascontiguousarray(vectors[order], np.float32)
    return ShotIndex(ordered, rows, signals, concepts(rows, signals, encoder), encoder.name)


# On disk: one table, a row a shot.


def write_index(index: ShotIndex, folder: Path) -> None:
    """Brings the table under `folder` to hold this index: only rows of episodes that changed are replaced, those of episodes gone dropped.

    When the encoder differs all rows are replaced: vectors of two encoders never mix. Each change is one commit, so a process killed
    on the way leaves the old table or the new one; processes that write at once try again until the table holds what they wrote last.
    """
    import lancedb

    folder.mkdir(parents=True, exist_ok=True)
    wanted = _to_arrow(index)
    last: Exception | None = None
    for _ in range(TRIES):
        db = lancedb.connect(folder)
        try:
            if _commit(db, wanted):
                return
        except (RuntimeError, ValueError, OSError) as error:  # another process got in between
            last = error
    raise WorkError(f"the index in {folder} could not be written, other processes kept changing it: {last}")


def read_index(folder: Path) -> ShotIndex:
    """The index as it was written, bit for bit, sorted by shot id."""
    import lancedb

    try:
        table = lancedb.connect(folder).open_table(TABLE).to_arrow()
    except (ValueError, FileNotFoundError, RuntimeError, OSError):
        raise RequestError(f"there is no index in {folder}; make it first: trailers index SEASON.toml") from None
    return _from_arrow(table)


def _commit(db: "lancedb.DBConnection", wanted: "pyarrow.Table") -> bool:
    """One step towards the wanted rows; whether they stand there now."""
    if TABLE not in db.table_names():
        db.create_table(TABLE, wanted)
        return False
    table = db.open_table(TABLE)
    if table.schema != wanted.schema:
        db.create_table(TABLE, wanted, mode="overwrite")
        return False
    held = table.search().select(["shot", "episode", "digest"]).to_arrow()
    keys = [(row["shot"], row["digest"]) for row in wanted.select(["shot", "digest"]).to_pylist()]
    if Counter(keys) == Counter(zip(held["shot"].to_pylist(), held["digest"].to_pylist(), strict=True)):
        return True
    before = _digests(held)
    after = _digests(wanted)
    touched = sorted(each for each in before.keys() | after.keys() if before.get(each) != after.get(each))
    changed = wanted.filter([each in set(touched) for each in wanted["episode"].to_pylist()])
    inside = ", ".join("'" + each.replace("'", "''") + "'" for each in touched)
    merge = table.merge_insert("shot").when_matched_update_all().when_not_matched_insert_all()
    merge.when_not_matched_by_source_delete(f"episode IN ({inside})").execute(changed)
    return False


def _digests(table: "pyarrow.Table") -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for row in table.select(["episode", "shot", "digest"]).to_pylist():
        found.setdefault(row["episode"], set()).add((row["shot"], row["digest"]))
    return found


def _to_arrow(index: ShotIndex) -> "pyarrow.Table":
    import pyarrow as pa

    parts = []
    episodes = np.array([shot.episode for shot in index.shots], object)
    for episode in index.episodes:
        rows = np.flatnonzero(episodes == episode)
        shots = [index.shots[row] for row in rows]
        columns: dict[str, pa.Array] = {
            "shot": pa.array([shot.id for shot in shots], pa.string()),
            "episode": pa.array([episode] * len(rows), pa.string()),
            "start": pa.array([shot.span.start for shot in shots], pa.int64()),
            "stop": pa.array([shot.span.stop for shot in shots], pa.int64()),
            "vector": _vectors(index.vectors[rows]),
        }
        for prefix, table in (("", index.signals), ("concept ", index.concepts)):
            for name in table.columns:
                columns[f"{prefix}{name}"] = pa.array(table[name].to_numpy()[rows].tolist(), _kind(table[name]))
        part = pa.table(columns)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as stream:
            stream.write_table(part)
        digest = hashlib.sha256(sink.getvalue()).hexdigest()
        parts.append(part.append_column("digest", pa.array([digest] * len(rows), pa.string())))
    return pa.concat_tables(parts).replace_schema_metadata({"encoder": index.encoder})


def _kind(column: pd.Series) -> "pyarrow.DataType":
    import pyarrow as pa

    if column.dtype == bool:
        return pa.bool_()
    if pd.api.types.is_numeric_dtype(column):
        return pa.from_numpy_dtype(column.dtype)
    return pa.string()


def _vectors(rows: np.ndarray) -> "pyarrow.Array":
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(rows, np.float32).ravel()), rows.shape[1])


def _from_arrow(table: "pyarrow.Table") -> ShotIndex:
    encoder = (table.schema.metadata or {}).get(b"encoder", b"").decode()
    table = table.sort_by("shot")
    ids = table["shot"].to_pylist()
    shots = tuple(
        Shot(shot, episode, Span(start, stop))
        for shot, episode, start, stop in zip(
            ids, *(table[name].to_pylist() for name in ("episode", "start", "stop")), strict=True
        )
    )
    vectors = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(len(ids), -1)
    frames = (
        table.drop_columns(["shot", "episode", "start", "stop", "vector", "digest"])
        .to_pandas()
        .set_axis(pd.Index(ids, name="shot"), axis=0)
    )
    words = [name for name in frames.columns if name.startswith("concept ")]
    scores = frames[words].rename(columns=lambda name: name.removeprefix("concept "))
    return ShotIndex(shots, vectors, frames.drop(columns=words), scores, encoder)


# One episode's part as one file: same parts, same bytes.


def save_table(table: pd.DataFrame, path: Path) -> None:
    """A table with its index as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet

    pa.parquet.write_table(pa.Table.from_pandas(table), path, compression="zstd")


def load_table(path: Path) -> pd.DataFrame:
    import pyarrow.parquet

    frame: pd.DataFrame = pyarrow.parquet.read_table(path).to_pandas()
    return frame


def save_look(look: "Look", path: Path) -> None:
    """What a decode found, signals and vectors, as Parquet."""
    table = look.signals.copy()
    if len(look.vectors):
        table["vector"] = list(np.ascontiguousarray(look.vectors, np.float32))
    save_table(table, path)
