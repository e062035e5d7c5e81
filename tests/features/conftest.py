"""What tests of features share: the bundled encoder, made once for all workers, and photographs that packages carry."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trailers.features.encoder import Encoder, open_encoder

Photo = Callable[[str], np.ndarray]


@pytest.fixture(scope="session")
def bundled_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the bundled encoder's files lie; workers of one run share it."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if root.name.startswith("popen-") else root
    encoder = open_encoder(cache=root / "encoder")
    encoder.images(np.zeros((1, encoder.size, encoder.size, 3), np.uint8))
    return root / "encoder"


@pytest.fixture(scope="session")
def bundled_encoder(bundled_cache: Path) -> Encoder:
    return open_encoder(cache=bundled_cache)


@pytest.fixture(scope="session")
def photo() -> Photo:
    """The middle square of a photograph of scikit-image or scikit-learn, (224, 224, 3) uint8 RGB."""

    def load(name: str) -> np.ndarray:
        from PIL import Image

        if name.endswith(".jpg"):
            from sklearn.datasets import load_sample_image

            shown = load_sample_image(name)
        else:
            import skimage.data

            shown = getattr(skimage.data, name)()
            shown = shown[0] if isinstance(shown, tuple) else shown
        shown = np.stack([shown] * 3, -1) if shown.ndim == 2 else shown
        side = min(shown.shape[:2])
        top, left = (shown.shape[0] - side) // 2, (shown.shape[1] - side) // 2
        middle = Image.fromarray(np.ascontiguousarray(shown[top : top + side, left : left + side, :3]))
        return np.asarray(middle.resize((224, 224), Image.Resampling.BILINEAR))

    return load
