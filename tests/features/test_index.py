"""The index: checked when made, read back bit for bit, grown by episodes, never of two encoders, safe from kills and crowds."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.features import dialogue, sound
from trailers.features.index import (
    LOOK,
    SIGNALS,
    STRUCTURE,
    TEXTS,
    ShotIndex,
    assemble,
    load_look,
    load_table,
    read_index,
    save_look,
    save_table,
    write_index,
)
from trailers.features.shots import Shot
from trailers.features.signals import Look
from trailers.features.span import Span


class Toy:
    """An encoder whose texts are the axes that they name."""

    size, dim = 8, 6
    limits: str | None = "toy"

    def __init__(self, name: str = "toy.1") -> None:
        self.name = name

    def images(self, pictures: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        axes = {"cat": 0, "boat": 1, "hill": 2}
        rows = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[next((axis for word, axis in axes.items() if word in text), 5)] = 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def parts(
    episodes: Sequence[str], n: int = 4, seed: int = 0
) -> tuple[list[Shot], np.ndarray, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What the rooms below give for episodes of n shots; an episode's part depends on its name and the seed alone."""
    shots, vectors, look, listen, words = [], [], [], [], []
    for episode in episodes:
        chance = np.random.default_rng([seed, *episode.encode()])
        here = [Shot(f"{episode}/{k:04d}", episode, Span(10 * k, 10 * k + 10)) for k in range(n)]
        ids = [shot.id for shot in here]
        shots += here
        vectors.append(chance.normal(size=(n, 6)))
        look.append(some(chance, LOOK, ids))
        listen.append(some(chance, tuple(sound.COLUMNS), ids))
        words.append(some(chance, tuple(dialogue.COLUMNS), ids).assign(crossing=chance.random(n) < 0.5))
    rows = np.concatenate(vectors)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return shots, rows, pd.concat(look), pd.concat(listen), pd.concat(words)


def some(chance: np.random.Generator, columns: Sequence[str], ids: Sequence[str]) -> pd.DataFrame:
    numbers = pd.DataFrame(chance.random((len(ids), len(columns))), list(ids), list(columns))
    return numbers.assign(**{name: "some text" for name in columns if name in TEXTS})


def make(*episodes: str, n: int = 4, seed: int = 0, encoder: str = "toy.1") -> ShotIndex:
    rates = dict.fromkeys(episodes, Fraction(24000, 1001))
    return assemble(*parts(episodes, n, seed), Toy(encoder), rates)


def join(*indexes: ShotIndex) -> ShotIndex:
    """One index of several with the concepts that each had."""
    signals, concepts = (pd.concat([getattr(each, name) for each in indexes]) for name in ("signals", "concepts"))
    place = np.repeat(np.arange(len(indexes)), [len(each) for each in indexes])
    signals["season_position"] = (place + signals["position"]) / len(indexes)
    return ShotIndex(
        tuple(shot for each in indexes for shot in each.shots),
        np.concatenate([each.vectors for each in indexes]),
        signals,
        concepts,
        indexes[0].encoder,
    )


def same(a: ShotIndex, b: ShotIndex) -> bool:
    pd.testing.assert_frame_equal(a.signals, b.signals, check_exact=True)
    pd.testing.assert_frame_equal(a.concepts, b.concepts, check_exact=True)
    return a.shots == b.shots and a.vectors.tobytes() == b.vectors.tobytes() and a.encoder == b.encoder


class TestAssemble:
    def test_shots_come_sorted_whatever_their_order(self) -> None:
        shots, vectors, look, listen, words = parts(["e02", "e01"])
        rates = dict.fromkeys(("e01", "e02"), Fraction(24))
        mixed = [5, 2, 7, 0, 1, 3, 6, 4]
        index = assemble([shots[row] for row in mixed], vectors[mixed], look, listen[::-1], words, Toy(), rates)
        assert [shot.id for shot in index.shots] == sorted(shot.id for shot in shots)
        assert index.vectors[0].tolist() == vectors[4].tolist()
        assert index.signals["motion"]["e02/0001"] == look["motion"]["e02/0001"]
        assert same(index, assemble(shots, vectors, look, listen, words, Toy(), rates))

    def test_position_is_the_middle_and_seconds_are_exact(self) -> None:
        index = make("e01", n=4)
        assert index.signals["position"].tolist() == [0.125, 0.375, 0.625, 0.875]
        assert index.signals["seconds"].tolist() == [float(10 / Fraction(24000, 1001))] * 4

    def test_each_episode_is_an_equal_part_of_the_season(self) -> None:
        assert make("e01", "e02", n=2).signals["season_position"].tolist() == [0.125, 0.375, 0.625, 0.875]

    def test_what_no_table_gives_is_unknown(self) -> None:
        shots, vectors, look, listen, words = parts(["e01"])
        index = assemble(shots, vectors, look.drop(columns=["motion", "palette"]), listen, words, Toy(), {"e01": Fraction(24)})
        assert index.signals["motion"].isna().all()
        assert index.signals["palette"].tolist() == [""] * 4
        assert tuple(index.signals.columns) == SIGNALS

    def test_what_shots_are_to_each_other_stands_beside_the_rest(self) -> None:
        shots, vectors, look, listen, words = parts(["e01"])
        structure = pd.DataFrame({"scene": "e01/a001", "step": [0.0, -7.0, 0.0, 1.0]}, [shot.id for shot in shots])
        index = assemble(shots, vectors, look, listen, words, Toy(), {"e01": Fraction(24)}, structure)
        assert index.signals["step"].tolist() == [0.0, -7.0, 0.0, 1.0]
        assert set(index.signals["scene"]) == {"e01/a001"}
        assert set(STRUCTURE) <= set(SIGNALS)

    def test_a_shot_that_a_part_lacks_is_an_error(self) -> None:
        shots, vectors, look, listen, words = parts(["e01"])
        with pytest.raises(KeyError):
            assemble(shots, vectors, look, listen.iloc[1:], words, Toy(), {"e01": Fraction(24)})

    def test_rows_answer_to_shot_ids(self) -> None:
        index = make("e01", "e02")
        assert index.rows(["e02/0003", "e01/0000"]).tolist() == [7, 0]
        assert len(index) == 8
        assert index.episodes == ("e01", "e02")
        with pytest.raises(KeyError):
            index.rows(["e09/0000"])


class TestChecks:
    """An index that does not hold together is not made."""

    def test_vectors_without_a_row_a_shot(self) -> None:
        with pytest.raises(ValueError, match=r"vectors\.shape = \(3, 6\)"):
            replace(make("e01"), vectors=make("e01").vectors[:3])

    def test_vectors_of_another_kind(self) -> None:
        with pytest.raises(ValueError, match="float64"):
            replace(make("e01"), vectors=make("e01").vectors.astype(float))

    def test_tables_in_another_order(self) -> None:
        index = make("e01")
        with pytest.raises(ValueError, match="signals are indexed"):
            replace(index, signals=index.signals[::-1])
        with pytest.raises(ValueError, match="concepts are indexed"):
            replace(index, concepts=index.concepts[1:])

    def test_a_signal_that_lacks(self) -> None:
        index = make("e01")
        with pytest.raises(ValueError, match="signals lack motion"):
            replace(index, signals=index.signals.drop(columns="motion"))

    def test_shots_out_of_order_or_twice(self) -> None:
        index = make("e01")
        for shots in (index.shots[::-1], (index.shots[0], *index.shots[:3])):
            with pytest.raises(ValueError, match="sorted by id"):
                replace(index, shots=shots)


class TestOnDisk:
    def test_an_index_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        index = make("e02", "e01")
        index.signals.loc["e01/0002", "motion"] = np.nan
        index.signals.loc["e01/0001", "dialogue"] = "Où? It's “here”."
        write_index(index, tmp_path / "index")
        assert same(index, read_index(tmp_path / "index"))
        assert tuple(read_index(tmp_path / "index").signals.columns) == SIGNALS

    def test_writing_again_changes_nothing(self, tmp_path: Path) -> None:
        write_index(make("e01"), tmp_path)
        before = versions(tmp_path)
        write_index(make("e01"), tmp_path)
        assert versions(tmp_path) == before

    def test_only_episodes_that_changed_are_written_and_those_gone_dropped(self, tmp_path: Path) -> None:
        e01, e02, e03, e04 = (make(name) for name in ("e01", "e02", "e03", "it's 4"))
        write_index(join(e01, e02, e03, e04), tmp_path)
        kept = row_ids(tmp_path)
        changed = join(e01, make("e02", n=3, seed=9), make("e05"))
        write_index(changed, tmp_path)
        assert same(changed, read_index(tmp_path))
        now = row_ids(tmp_path)
        assert {shot for shot in now if now[shot] == kept.get(shot)} == {shot.id for shot in e01.shots}

    def test_another_encoder_replaces_every_row(self, tmp_path: Path) -> None:
        write_index(make("e01", "e02"), tmp_path)
        other = make("e01", encoder="other@12345678")
        write_index(other, tmp_path)
        assert same(other, read_index(tmp_path))
        longer = replace(other, vectors=np.ones((4, 9), np.float32), encoder="longer")
        write_index(longer, tmp_path)
        assert same(longer, read_index(tmp_path))

    def test_a_real_season_grows_by_an_episode_and_no_other_row_is_touched(self, tmp_path: Path) -> None:
        write_index(make("e01", "e02"), tmp_path)
        kept = row_ids(tmp_path)
        write_index(make("e01", "e02", "e03"), tmp_path)
        now = row_ids(tmp_path)
        assert {shot: now[shot] for shot in kept} == kept
        assert same(make("e01", "e02", "e03"), read_index(tmp_path))
        write_index(make("e02", "e03"), tmp_path)
        left = row_ids(tmp_path)
        assert left == {shot: row for shot, row in now.items() if not shot.startswith("e01")}
        assert same(make("e02", "e03"), read_index(tmp_path))

    def test_an_episode_alone_is_put_beside_the_others(self, tmp_path: Path) -> None:
        write_index(make("e01", "e02"), tmp_path)
        write_index(make("e02", seed=3), tmp_path, keep=True)
        found = read_index(tmp_path)
        assert found.episodes == ("e01", "e02")
        assert found.vectors[4:].tobytes() == make("e02", seed=3).vectors.tobytes()
        assert found.vectors[:4].tobytes() == make("e01").vectors.tobytes()

    def test_two_encoders_do_not_mix_and_the_line_names_both(self, tmp_path: Path) -> None:
        write_index(make("e01"), tmp_path)
        with pytest.raises(RequestError, match=r"toy\.1 and other@12345678"):
            write_index(make("e02", encoder="other@12345678"), tmp_path, keep=True)
        assert same(make("e01"), read_index(tmp_path))

    def test_a_store_that_was_mixed_by_others_is_not_read(self, tmp_path: Path) -> None:
        import lancedb

        write_index(make("e01", "e02"), tmp_path)
        lancedb.connect(tmp_path).open_table("shots").update(where="episode = 'e02'", values={"encoder": "other@12345678"})
        with pytest.raises(RequestError, match=r"other@12345678 and toy\.1"):
            read_index(tmp_path)

    def test_where_there_is_no_index_one_line_says_so(self, tmp_path: Path) -> None:
        for folder in (tmp_path, tmp_path / "nowhere"):
            with pytest.raises(RequestError, match="there is no index"):
                read_index(folder)
        assert not (tmp_path / "nowhere").exists()

    def test_killed_while_writing_the_old_index_or_the_new_one_stands(self, tmp_path: Path) -> None:
        old, new = make("e01", "e02"), make("e01", "e02", "e03", seed=5)
        write_index(old, tmp_path)
        spawn = multiprocessing.get_context("spawn")
        started = spawn.Event()
        process = spawn.Process(target=keep_writing, args=(tmp_path, started))
        process.start()
        assert started.wait(60)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        found = read_index(tmp_path)
        assert len(found) in (len(old), len(new))
        assert same(found, old if len(found) == len(old) else new)
        write_index(new, tmp_path)
        assert same(new, read_index(tmp_path))

    def test_two_processes_that_write_at_once_leave_one_whole_index(self, tmp_path: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        barrier = spawn.Barrier(2)
        writers = [spawn.Process(target=write_many, args=(tmp_path, seed, barrier)) for seed in (1, 2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(100)
        assert [writer.exitcode for writer in writers] == [0, 0]
        found = read_index(tmp_path)
        seed = 1 if found.vectors.tobytes() == make("e01", "e02", seed=1).vectors.tobytes() else 2
        assert same(found, make("e01", "e02", seed=seed))

    def test_two_processes_that_each_bring_an_episode_at_once_both_find_theirs(self, tmp_path: Path) -> None:
        write_index(make("e01"), tmp_path)
        spawn = multiprocessing.get_context("spawn")
        barrier = spawn.Barrier(2)
        writers = [spawn.Process(target=bring, args=(tmp_path, episode, barrier)) for episode in ("e02", "e03")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(100)
        assert [writer.exitcode for writer in writers] == [0, 0]
        assert same(make("e01", "e02", "e03"), read_index(tmp_path))


def bring(folder: Path, episode: str, barrier: Barrier) -> None:
    barrier.wait(60)
    for seed in (1, 2, 0):
        write_index(make(episode, seed=seed), folder, keep=True)


def keep_writing(folder: Path, started: Event) -> None:
    while True:
        write_index(make("e01", "e02", "e03", seed=5), folder)
        started.set()
        write_index(make("e01", "e02"), folder)


def write_many(folder: Path, seed: int, barrier: Barrier) -> None:
    barrier.wait(60)
    for _ in range(3):
        write_index(make("e01", "e02", seed=seed), folder)


def versions(folder: Path) -> int:
    import lancedb

    return int(lancedb.connect(folder).open_table("shots").version)


def row_ids(folder: Path) -> dict[str, int]:
    """Where the table keeps each shot: a row that was written anew moves."""
    import lancedb

    found = lancedb.connect(folder).open_table("shots").search().select(["shot"]).with_row_id(True).to_arrow()
    return dict(zip(found["shot"].to_pylist(), found["_rowid"].to_pylist(), strict=True))


class TestFiles:
    def test_a_table_comes_back_whole_with_the_same_bytes_each_time(self, tmp_path: Path) -> None:
        table = make("e01").signals
        save_table(table, tmp_path / "a.parquet")
        save_table(table.copy(), tmp_path / "b.parquet")
        pd.testing.assert_frame_equal(load_table(tmp_path / "a.parquet"), table, check_exact=True)
        assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()

    @pytest.mark.parametrize("seen", [True, False])
    def test_a_look_comes_back_whole_with_the_same_bytes_each_time(self, tmp_path: Path, seen: bool) -> None:
        _, vectors, signals, *_ = parts(["e01"])
        signals.index.name = "shot"
        look = Look(signals, vectors if seen else None)
        save_look(look, tmp_path / "a.parquet")
        save_look(Look(signals.copy(), vectors.copy() if seen else None), tmp_path / "b.parquet")
        back = load_look(tmp_path / "a.parquet")
        pd.testing.assert_frame_equal(back.signals, signals, check_exact=True)
        if seen:
            assert back.vectors is not None
            assert back.vectors.tobytes() == vectors.tobytes()
        else:
            assert back.vectors is None
        assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
