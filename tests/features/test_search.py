"""Search: pictures, dialogue and concept words find shots, best first, each set-up once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.features import nearest
from trailers.features.index import SIGNALS, TEXTS, ShotIndex, read_index, write_index
from trailers.features.search import Hit, search, search_store
from trailers.features.shots import Shot
from trailers.features.span import Span

if TYPE_CHECKING:
    import lancedb

AXES = {"cat": 0, "boat": 1, "hill": 2}


class Toy:
    """An encoder whose texts are the axes that they name."""

    name, size, dim = "toy.1", 8, 16
    limits: str | None = "toy"

    def images(self, pictures: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        known = np.eye(self.dim, dtype=np.float32)
        return np.stack([sum((known[n] for word, n in AXES.items() if word in text), 0 * known[0]) for text in texts])


def make(vectors: np.ndarray | None = None, dialogue: dict[int, str] | None = None, **concepts: dict[int, float]) -> ShotIndex:
    """Eight shots in two episodes that look like nothing asked and like none of the others."""
    shots = tuple(Shot(f"e{n // 4 + 1:02d}/{n % 4:04d}", f"e{n // 4 + 1:02d}", Span(9 * n, 9 * n + 9)) for n in range(8))
    ids = [shot.id for shot in shots]
    signals = pd.DataFrame(0.0, ids, list(SIGNALS))
    signals[sorted(TEXTS)] = ""
    signals["dialogue"] = [(dialogue or {}).get(n, "") for n in range(8)]
    words = pd.DataFrame({word.replace("_", " "): [found.get(n, 0.1) for n in range(8)] for word, found in concepts.items()}, ids)
    return ShotIndex(shots, np.eye(16, dtype=np.float32)[3:11] if vectors is None else vectors, signals, words, "toy.1")


def looks(**like: dict[int, float]) -> np.ndarray:
    rows = np.eye(16, dtype=np.float32)[3:11].copy()
    for word, found in like.items():
        for row, value in found.items():
            rows[row, AXES[word]] = value
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.shot for hit in hits]


def test_a_picture_is_found_by_words() -> None:
    hits = search(make(looks(cat={5: 3.0, 2: 1.0})), "a cat", Toy())
    assert ids(hits)[:2] == ["e02/0001", "e01/0002"]
    assert hits[0].score == 1
    assert hits[0].span == Span(45, 54)
    assert hits[0].episode == "e02"


def test_a_line_is_found_by_its_words_and_their_other_endings() -> None:
    index = make(dialogue={3: "She danced all night with the captain.", 4: "The rain."})
    hits = search(index, "the dancing captain", Toy())
    assert ids(hits)[0] == "e01/0003"
    assert any(why.startswith("dialogue") for why in hits[0].why)
    assert not any(why.startswith("dialogue") for hit in hits[1:] for why in hit.why)


def test_a_rare_word_counts_more_than_a_frequent_one() -> None:
    index = make(dialogue=dict.fromkeys(range(7), "go go captain") | {7: "go lighthouse captain"})
    assert ids(search(index, "captain lighthouse", Toy()))[0] == "e02/0003"


def test_concepts_are_found_by_name_and_by_what_people_type_for_them() -> None:
    index = make(fast_action={6: 0.9}, calm={1: 0.9})
    assert ids(search(index, "fast", Toy()))[0] == "e02/0002"
    assert ids(search(index, "a chase", Toy()))[0] == "e02/0002"
    assert ids(search(index, "peaceful", Toy()))[0] == "e01/0001"


def test_lists_are_fused_so_that_a_shot_good_in_two_beats_one_good_in_one() -> None:
    index = make(looks(boat={2: 2.0, 5: 1.5}), dialogue={5: "Take the boat out."})
    hits = search(index, "boat", Toy())
    assert ids(hits)[:2] == ["e02/0001", "e01/0002"]
    assert hits[0].score > hits[1].score
    assert [why.partition(":")[0] for why in hits[0].why] == ["picture", "dialogue"]


def test_like_finds_neighbours_and_not_itself() -> None:
    index = make(looks(hill={0: 1.0, 6: 1.0}))
    hits = search(index, "", Toy(), like="e01/0000")
    assert ids(hits)[0] == "e02/0002"
    assert "e01/0000" not in ids(hits)


def test_near_duplicates_are_folded_into_the_best_of_them() -> None:
    vectors = looks(cat={1: 9.0, 5: 8.0, 6: 9.5, 3: 1.0})
    assert ids(search(make(vectors), "cat", Toy()))[:2] == ["e02/0002", "e01/0003"]
    assert ids(search(make(vectors), "cat", Toy(), same=1.0))[:3] == ["e02/0002", "e01/0001", "e02/0001"]


def test_an_episode_and_a_number_limit_the_hits() -> None:
    index = make(looks(cat={1: 3.0, 5: 2.0}))
    assert ids(search(index, "cat", Toy(), episode="e02"))[0] == "e02/0001"
    assert {hit.episode for hit in search(index, "cat", Toy(), episode="e02")} == {"e02"}
    assert len(search(index, "cat", Toy(), k=3)) == 3


def test_ties_stand_in_the_order_of_shots() -> None:
    assert ids(search(make(), "something else", Toy())) == [shot.id for shot in make().shots]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"words": "cat", "episode": "e07"}, "no episode 'e07'"),
        ({"words": "", "like": "e07/0001"}, "no shot 'e07/0001'"),
        ({"words": "  "}, "nothing is asked"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(asked: dict[str, str], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        search(make(), encoder=Toy(), **asked)  # type: ignore[arg-type]


def test_an_index_of_another_encoder_is_refused() -> None:
    with pytest.raises(RequestError, match=r"made by the encoder bundled\.1"):
        search(replace(make(), encoder="bundled.1"), "cat", Toy())


def test_a_condition_comes_before_the_search_and_names_signals_and_concepts() -> None:
    index = make(looks(cat={1: 9.0, 5: 3.0, 6: 1.0}), fast_action={5: 0.9, 6: 0.8})
    index.signals["faces"] = [0.0, 2.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0]
    assert ids(search(index, "cat", Toy(), where="faces >= 2")) == ["e01/0001", "e02/0002"]
    assert ids(search(index, "cat", Toy(), where="fast_action > 0.5 and faces > 1")) == ["e02/0002"]
    assert search(index, "cat", Toy(), where="faces > 9") == ()
    with pytest.raises(RequestError, match="did you mean faces"):
        search(index, "cat", Toy(), where="face > 1")


def test_shots_of_one_set_up_are_folded_into_the_best_of_them() -> None:
    index = make(looks(cat={1: 3.0, 5: 2.0, 6: 1.0}))
    index.signals["setup"] = ["", "e01/0001", "", "", "", "e01/0001", "", ""]
    assert ids(search(index, "cat", Toy()))[:2] == ["e01/0001", "e02/0002"]


def test_what_is_heard_is_found_like_what_is_said() -> None:
    index = make()
    index.signals.loc["e01/0002", "heard"] = "thunder rumbles"
    assert ids(search(index, "thunder", Toy()))[0] == "e01/0002"


def test_a_shot_of_which_a_named_concept_is_not_true_gets_no_vote_from_it() -> None:
    hits = search(make(calm={1: 0.9, 2: 0.01}), "calm", Toy(), k=8)
    why = {hit.shot: hit.why for hit in hits}
    assert any(line.startswith("signals: place 1") for line in why["e01/0001"])
    assert not any(line.startswith("signals") for line in why["e01/0002"])


def test_a_large_store_finds_by_its_own_indexes_what_a_small_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make(looks(cat={5: 3.0, 2: 1.0}), {3: "The lighthouse."}, calm={1: 0.9})
    write_index(index, tmp_path)
    whole = search_store(tmp_path, "cat", Toy(), k=2)
    assert whole == search(read_index(tmp_path), "cat", Toy(), k=2)
    monkeypatch.setattr(nearest, "EXACT", 4)
    nearest.ensure(lancedb_table(tmp_path), exact=4)
    assert ids(search_store(tmp_path, "cat", Toy(), k=1)) == ids(whole)[:1]
    assert ids(search_store(tmp_path, "lighthouse", Toy(), k=1)) == ["e01/0003"]
    assert {hit.episode for hit in search_store(tmp_path, "cat", Toy(), episode="e01")} == {"e01"}
    assert ids(search_store(tmp_path, "cat", Toy(), where="calm > 0.5")) == ["e01/0001"]


def lancedb_table(folder: Path) -> "lancedb.table.Table":
    import lancedb

    return lancedb.connect(folder).open_table("shots")
