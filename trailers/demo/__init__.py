"""Two small seasons made on the spot, `film` and `drawn`, each with a viewing history whose tastes are known."""

from pathlib import Path


def make_film(folder: Path, films: Path, seed: int = 0) -> Path:
    """Big Buck Bunny in four episodes: see `trailers.demo.film.make_film`."""
    from trailers.demo import film

    return film.make_film(folder, films, seed)


def make_drawn(folder: Path, seed: int = 0, tiny: bool = False) -> Path:
    """Three episodes drawn by code: see `trailers.demo.drawn.make_drawn`."""
    from trailers.demo import drawn

    return drawn.make_drawn(folder, seed, tiny)
