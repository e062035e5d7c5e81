"""Pictures and words as vectors of one space: any open_clip model with local weights, or the bundled encoder."""

import difflib
import hashlib
import importlib
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from trailers.errors import RequestError
from trailers.features.bundled import Bundled

if TYPE_CHECKING:
    import torch

BATCH = {"cuda": 64, "cpu": 2}  # pictures or texts at once, always filled up: a row never depends on how many were asked

MISFITS = (
    *(RuntimeError, ValueError, LookupError, TypeError, AttributeError, AssertionError, StopIteration),
    *(OSError, EOFError, pickle.UnpicklingError),
)  # what torch and open_clip raise at a file that holds no weights, or another model's


class Encoder(Protocol):
    """Unit vectors for pictures and texts, comparable by their dot product."""

    @property
    def name(self) -> str:
        """What made a vector: model@weights, the first digits of their sha256, and :settings. Vectors of two names never mix."""

    @property
    def size(self) -> int:
        """Width and height of the pictures that `images` takes."""

    @property
    def dim(self) -> int:
        """Numbers in a vector."""

    @property
    def limits(self) -> str | None:
        """One line about what it cannot see, for people; None for a real CLIP."""

    def images(self, pictures: np.ndarray) -> np.ndarray:
        """(n, size, size, 3) uint8 RGB -> (n, dim) float32 unit rows; each row depends on its own picture alone."""

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """n texts -> (n, dim) float32 unit rows; each row depends on its own text alone."""


def open_encoder(name: str = "bundled", weights: str | Path | None = None, cache: Path | None = None) -> Encoder:
    """The encoder of that name: `bundled`, or any open_clip model with `weights`, a checkpoint file or a tag that is here.

    `cache` is a folder where the bundled encoder keeps what it makes once. Nothing is ever downloaded. RequestError when the name
    is unknown, the weights are not here, or do not fit.
    """
    if name == "bundled":
        if weights is not None:
            raise RequestError(
                f"the bundled encoder brings its weights: leave out {weights = !s}, or name the model that they belong to"
            )
        return Bundled(cache)
    with _offline():
        return _open_clip(name.replace("/", "-"), weights)


class OpenClip:
    """An open_clip model that computes at the precision of its weights, in filled batches.

    On a CPU in one thread: the other cores decode meanwhile, and with more threads a row's last bits depend on their number.
    """

    limits: str | None = None

    def __init__(self, name: str, model: Any, tokenizer: Any, mean: Sequence[float], std: Sequence[float]) -> None:
        import torch

        self.name = name
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.eval().to(self.device)
        self.tokenizer = tokenizer
        side: int | tuple[int, int] = self.model.visual.image_size
        self.size = side if isinstance(side, int) else side[0]
        self.precision = next(part.weight.dtype for part in self.model.visual.modules() if isinstance(part, torch.nn.Conv2d))
        self.mean = torch.tensor(mean, device=self.device).view(1, 3, 1, 1) * 255
        self.std = torch.tensor(std, device=self.device).view(1, 3, 1, 1) * 255
        self.dim = self.texts(["a"]).shape[1]

    def images(self, pictures: np.ndarray) -> np.ndarray:
        import torch

        def encode(batch: np.ndarray) -> "torch.Tensor":
            planes = torch.from_numpy(np.ascontiguousarray(batch)).to(self.device).permute(0, 3, 1, 2).float()
            found: torch.Tensor = self.model.encode_image(((planes - self.mean) / self.std).to(self.precision), normalize=True)
            return found

        return self._rows(pictures, encode)

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        import torch

        tokens = self.tokenizer(list(texts)).numpy() if texts else np.zeros((0, 1), np.int64)

        def encode(batch: np.ndarray) -> "torch.Tensor":
            found: torch.Tensor = self.model.encode_text(torch.from_numpy(batch).to(self.device), normalize=True)
            return found

        return self._rows(tokens, encode)

    def _rows(self, items: np.ndarray, encode: Any) -> np.ndarray:
        import torch

        step, parts = BATCH[self.device.type], []
        with torch.inference_mode(), _one_thread():
            for first in range(0, len(items), step):
                batch = items[first : first + step]
                filled = np.concatenate([batch, np.repeat(batch[-1:], step - len(batch), 0)])
                parts.append(encode(filled)[: len(batch)].float().cpu().numpy())
        rows = np.concatenate(parts) if parts else np.zeros((0, getattr(self, "dim", 1)), np.float32)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _open_clip(name: str, weights: str | Path | None) -> OpenClip:
    _torchvision()
    import open_clip
    from safetensors import SafetensorError

    known = open_clip.list_models()
    if name not in known:
        names = {each.lower(): each for each in ("bundled", *known)}
        close = [names[each] for each in difflib.get_close_matches(name.lower(), names, 3, 0.5)] or ["bundled", "ViT-B-32"]
        raise RequestError(f"no encoder is called {name!r}; close to it: {', '.join(close)}")
    tags = open_clip.list_pretrained_tags_by_model(name)
    if weights is None:
        some = f", or a tag ({', '.join(tags[:4])})" if tags else ""
        raise RequestError(f"{name} without weights sees nothing: give weights = a checkpoint file{some}")
    settings = open_clip.get_pretrained_cfg(name, str(weights)) if not Path(weights).is_file() else {}
    path = Path(weights) if Path(weights).is_file() else _cached(name, str(weights), settings, tags)
    try:
        tokenizer = open_clip.get_tokenizer(name)
    except (RuntimeError, ValueError, OSError, ImportError):
        repo = open_clip.get_model_config(name)["text_cfg"].get("hf_tokenizer_name", name)
        raise RequestError(f"the tokenizer of {name} is not on this machine; to fetch it: hf download {repo}") from None
    look = {key: settings[key] for key in ("mean", "std") if key in settings}
    precision = "bf16" if _multiplies_bf16() and _takes_bf16(open_clip.get_model_config(name)) else "fp32"
    try:
        model = open_clip.create_model(
            name,
            pretrained=str(path.absolute()),
            precision=precision,
            force_quick_gelu=bool(settings.get("quick_gelu")),
            force_preprocess_cfg=look,
            weights_only=True,
        )
    except (*MISFITS, SafetensorError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        found = lines[1] if len(lines) > 1 and lines[0].startswith("Error(s)") else lines[0]
        raise RequestError(f"{path.name} does not load as weights of {name}: {found[:200]}") from None
    seen = open_clip.get_model_preprocess_cfg(model)
    known_as = f"{name}@{_digest(path)[:12]}:{_settings(model, seen, bool(settings.get('quick_gelu')))}"
    known_as += "+bf16" if precision == "bf16" else ""
    return OpenClip(known_as, model, tokenizer, seen["mean"], seen["std"])


def _multiplies_bf16() -> bool:
    """Whether the hardware multiplies bf16 itself, a GPU or this CPU: then that is twice as fast, and as good (cosine .9999)."""
    import torch

    return torch.cuda.is_available() or any(able for name, able in torch.cpu.get_capabilities().items() if name.endswith("bf16"))


def _takes_bf16(config: dict[str, Any]) -> bool:
    """Not CoCa's pooling of pictures, nor transformers' text towers: open_clip leaves parts of these at fp32, and they clash."""
    return not config["vision_cfg"].get("attentional_pool") and "hf_model_name" not in config["text_cfg"]


def _settings(model: Any, seen: dict[str, Any], quick: bool) -> str:
    """What beside the weights makes a vector: the side of a picture, QuickGELU, means and deviations that are not CLIP's own."""
    from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD

    side = model.visual.image_size
    usual = tuple(seen["mean"]) == OPENAI_DATASET_MEAN and tuple(seen["std"]) == OPENAI_DATASET_STD
    numbers = "" if usual else "+" + ",".join(f"{number:.4g}" for number in (*seen["mean"], *seen["std"]))
    return f"{side if isinstance(side, int) else side[0]}{'+quickgelu' if quick else ''}{numbers}"


def _cached(name: str, tag: str, settings: dict[str, Any], tags: Sequence[str]) -> Path:
    """The file of a tag where an earlier download left it; RequestError, with the command that fetches it, if none did."""
    from huggingface_hub import try_to_load_from_cache
    from open_clip.constants import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME

    if not settings:
        close = difflib.get_close_matches(tag, tags, 3, 0.4) or list(tags[:4])
        raise RequestError(
            f"{tag!r} is neither a file nor a tag of {name}" + (f"; its tags: {', '.join(close)}" if close else "")
        )
    repo, _, file = settings.get("hf_hub", "").rpartition("/")
    if repo:
        names = [HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME] if not file else [f"{Path(file).stem}.safetensors", file]
        for each in names:
            if isinstance(found := try_to_load_from_cache(repo, each), str):
                return Path(str(found))
        fetch = f"hf download {repo} {file or names[0]}"
    if url := str(settings.get("url", "")):
        kept = Path("~/.cache/clip").expanduser() / url.rpartition("/")[2]
        if kept.is_file():
            return kept
        fetch = fetch if repo else f"curl --create-dirs -Lo ~/.cache/clip/{kept.name} {url}"
    raise RequestError(
        f"the weights {tag!r} of {name} are not on this machine, and nothing is downloaded unasked; to fetch them: {fetch}"
    )


def _torchvision() -> None:
    """Makes `import torchvision` work where its compiled half was built for another torch (CUDA's beside a torch for the CPU).

    There the import fails with "operator torchvision::nms does not exist", and with it open_clip and timm, which need only its
    Python half. Declaring the two missing operators, never to be called, is enough. Where nothing is wrong nothing is done.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        import torch

        for module in [each for each in sys.modules if each.partition(".")[0] == "torchvision"]:
            del sys.modules[module]
        library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        _LIBRARIES.append(library)
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        importlib.import_module("torchvision")


_LIBRARIES: list[Any] = []  # operators live as long as the library object that declared them


@contextmanager
def _offline() -> Iterator[None]:
    """No look at a model hub inside: its client reads the environment once, when imported, so its own switch is turned too."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    from huggingface_hub import constants

    switch, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = switch
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
