"""Who is who: the same face in many shots is one person, and the most present ones lead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features import identity
from trailers.features.faces import Face, faces_in
from trailers.features.media import Pictures

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "cast": "people whose faces are seen in the shot, 'p1 p4', the season's most present first; '' where none is known",
    "lead": "presence of the shot's most present person: shots in which he is seen over those of the most seen person, 0..1",
}
LIMIT = 0.55  # mean distance of faces under which they are one person's; two faces of one picture are never one's
_APART = 2.0  # the distance they are given for it
_LEAST, _SURE = 0.1, 0.95  # height of a face over the picture's, and its score, from which it is asked who it is
_NAMED = 3  # faces of a shot that are
_VECTOR = [f"v{n}" for n in range(identity.DIM)]
_Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sighting:
    """A face in frame `frame` of the film, and whose it is (`identity.vector`); None where nobody asked."""

    frame: int
    face: Face
    vector: _Floats | None


def searched(count: int) -> tuple[int, ...]:
    """Which of a shot's samples are searched for faces: two of four and more, else the middle one."""
    wanted = 1 if count < 4 else 2
    return tuple(count * (2 * n + 1) // (2 * wanted) for n in range(wanted))


def sightings(samples: Pictures, frames: Sequence[int]) -> tuple[Sighting, ...]:
    """The faces of one shot, from those of its samples (k, h, w, 3) that are `searched`; `frames` are their places in the film.

    The largest few of the picture with the most face are asked who they are, where the network for it is installed.
    """
    found = {n: faces_in(samples[n]) for n in searched(len(samples))}
    if not any(found.values()):
        return ()
    best = max(found, key=lambda n: sum(face.height**2 for face in found[n]))
    named = (
        [face for face in found[best] if face.height >= _LEAST and face.score >= _SURE][:_NAMED] if identity.can_tell() else []
    )
    return tuple(
        Sighting(frames[n], face, identity.vector(samples[n], face) if n == best and face in named else None)
        for n in found
        for face in found[n]
    )


def table(seen: Iterable[tuple[str, Sighting]]) -> "pd.DataFrame":
    """Sightings by shot id as a table: shot, frame, x, y, width, height, score, and v0..v127, NaN where nobody asked."""
    import pandas as pd

    unknown = np.full(identity.DIM, np.nan, np.float32)
    rows, vectors = [], []
    for shot, each in seen:
        rows.append((shot, each.frame, each.face.x, each.face.y, each.face.width, each.face.height, each.face.score))
        vectors.append(unknown if each.vector is None else each.vector)
    known = pd.DataFrame(rows, columns=["shot", "frame", "x", "y", "width", "height", "score"])
    known = known.astype({"shot": "str", "frame": "int64", **dict.fromkeys(["x", "y", "width", "height", "score"], "float64")})
    return pd.concat([known, pd.DataFrame(np.reshape(vectors, (-1, identity.DIM)).astype(np.float32), columns=_VECTOR)], axis=1)


def people(faces: "pd.DataFrame") -> "pd.DataFrame":
    """Table person ("p1" is in the most shots), shot, weight (height of the face over the picture's), one row a person and shot.

    `faces` as `table` gives them, of an episode or a season. Faces are joined by average linkage (Sokal and Michener 1958), first
    within each episode, then the people of the episodes by their mean faces; the order of rows does not matter.
    """
    import pandas as pd

    known = faces[faces["v0"].notna()].sort_values(["shot", "frame", "x", "y"], kind="stable").reset_index(drop=True)
    if not len(known):
        return pd.DataFrame(
            {"person": pd.Series(dtype="str"), "shot": pd.Series(dtype="str"), "weight": pd.Series(dtype="float64")}
        )
    vectors = known[_VECTOR].to_numpy(np.float64)
    picture = (known["shot"] + "@" + known["frame"].astype(str)).to_numpy()
    episode = known["shot"].str.rsplit("/", n=1).str[0].to_numpy()
    group, count = np.zeros(len(known), np.int64), 0
    for name in dict.fromkeys(episode):
        rows = np.flatnonzero(episode == name)
        group[rows] = count + _joined(vectors[rows], picture[rows])
        count = int(group.max()) + 1
    means = np.stack([vectors[group == n].mean(axis=0) for n in range(count)])
    owner = np.array([episode[group == n][0] for n in range(count)])
    known["group"] = _joined(means, owner)[group]  # two people of one episode stay two
    present = known.groupby("group")["shot"].agg(["nunique", "min"]).sort_values(["nunique", "min"], ascending=[False, True])
    names = {each: f"p{n + 1}" for n, each in enumerate(present.index)}
    weight = known.groupby(["group", "shot"], sort=True)["height"].max()
    found = [(names[each], shot, weight[each, shot]) for each in present.index for shot in weight[each].index]
    return pd.DataFrame(found, columns=["person", "shot", "weight"]).astype({"person": "str", "shot": "str"})


def cast(faces: "pd.DataFrame", shots: Sequence[str]) -> "pd.DataFrame":
    """COLUMNS for every shot id of a season, indexed by them."""
    import pandas as pd

    who = people(faces)
    often = who["person"].value_counts()
    presence = {name: count / often.max() for name, count in often.items()}
    seen: dict[str, list[str]] = {}
    for name, shot in zip(who["person"], who["shot"], strict=True):  # the most present first
        seen.setdefault(shot, []).append(name)
    rows = [(" ".join(seen.get(shot, [])), max((presence[name] for name in seen.get(shot, [])), default=0.0)) for shot in shots]
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index(list(shots), name="shot"))


def _joined(vectors: NDArray[np.float64], never: NDArray[np.object_]) -> NDArray[np.int64]:
    """A number of a group, from 0, for each vector; vectors with the same `never` are kept apart."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    distance = pdist(vectors)
    first, second = np.triu_indices(len(vectors), 1)
    distance[never[first] == never[second]] = _APART
    return np.asarray(fcluster(linkage(distance, "average"), LIMIT, "distance"), np.int64) - 1
