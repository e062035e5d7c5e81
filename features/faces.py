"""Human faces in a picture, and the shot scale that the largest one tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.errors import WorkError
from trailers.features.media import Pictures

if TYPE_CHECKING:
    import onnxruntime

CLOSE, MEDIUM = 0.25, 0.1  # height of a face over the picture's
_WIDTH = 320  # pixels at which faces are sought
_LEAST = 20  # pixels of the smallest face
_STEP = 0.6  # from one size of the picture to the next
_BELIEFS = (0.75, 0.75, 0.9)  # of the three networks, at least
_MOST = 32  # windows that the first network may hand on
_Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Face:
    """A face, brows to chin: middle, width and height as shares of the picture's; `score` 0..1.

    `points`: eyes, nose and corners of the mouth, left before right in the picture, as shares of width and height.
    """

    x: float
    y: float
    width: float
    height: float
    score: float = 1.0
    points: tuple[tuple[float, float], ...] = ()


def faces_in(picture: Pictures) -> tuple[Face, ...]:
    """Faces of an RGB picture, uint8 (h, w, 3), largest first, of a ninth of the height (16:9) and more.

    MTCNN (Zhang, Zhang, Li and Qiao 2016): three small networks, each a judge of what the one before lets through, over the
    picture at falling sizes. Profiles and masked faces are often missed, drawn ones nearly always.
    """
    import cv2

    height = max(round(_WIDTH * picture.shape[0] / picture.shape[1]), 12)
    if height > 2 * _WIDTH:
        return ()
    small = np.asarray(cv2.resize(picture, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
    found = _proposed(small)
    for network, side, belief in (("rnet", 24, _BELIEFS[1]), ("onet", 48, _BELIEFS[2])):
        if not len(found):
            return ()
        out = _run(network, np.stack([_window(small, box, side) for box in found]))
        score, moved = out[0][:, 1], _moved(found[:, :4], out[1])
        points = found[:, None, :2] + _pairs(out[2]) * (found[:, None, 2:4] - found[:, None, :2]) if len(out) > 2 else None
        sure = np.flatnonzero(score > belief)
        kept = sure[_apart(moved[sure], score[sure], 0.7, network == "onet")]
        if points is not None:
            size = np.array([_WIDTH, height], np.float32)
            return tuple(
                sorted((_face(moved[n], float(score[n]), points[n], size) for n in kept), key=lambda face: (-face.height, face.x))
            )
        found = _square(moved[kept])
    return ()


def scale_of(height: float) -> str:
    """Shot scale by the height of a face, brows to chin, over the picture's: "close-up", "medium", "wide", "" without a face.

    A head is an eighth to a seventh of a standing person and such a face some 0.7 of a head. A picture from the chest up (medium
    close-up, Bordwell and Thompson, Film Art) is 3 heads high: 0.25; one down to the knees 6 to 7 heads: 0.1.
    """
    if height <= 0:
        return ""
    return "close-up" if height >= CLOSE else "medium" if height >= MEDIUM else "wide"


def _proposed(small: Pictures) -> _Floats:
    """Square windows (n, 4), left, top, right, bottom, that may hold a face."""
    import cv2

    height, width = small.shape[:2]
    scale, boxes, scores = 12 / _LEAST, [], []
    while min(height, width) * scale >= 12:
        size = (round(width * scale), round(height * scale))
        out = _run("pnet", np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)[None])
        belief = out[0][0, 1]
        y, x = np.nonzero(belief > _BELIEFS[0])
        if len(y):
            corner = np.stack([x, y, x + 6, y + 6], axis=1).astype(np.float32) * 2 / scale
            moved = _moved(corner, out[1][0][:, y, x].T)
            kept = _apart(moved, belief[y, x], 0.5)
            boxes.append(moved[kept])
            scores.append(belief[y, x][kept])
        scale *= _STEP
    if not boxes:
        return np.zeros((0, 4), np.float32)
    whole, score = np.concatenate(boxes), np.concatenate(scores)
    return _square(whole[_apart(whole, score, 0.7)[:_MOST]])


def _moved(boxes: _Floats, by: _Floats) -> _Floats:
    side = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(boxes + by * np.concatenate([side, side], axis=1), np.float32)


def _square(boxes: _Floats) -> _Floats:
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def _pairs(points: _Floats) -> _Floats:
    """(n, 10), five x and five y -> (n, 5, 2)."""
    return points.reshape(-1, 2, 5).transpose(0, 2, 1)


def _apart(boxes: _Floats, scores: _Floats, limit: float, least: bool = False) -> list[int]:
    """Boxes, best first, that overlap no better one: common area over that of both, or over the lesser one's."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    order, kept = list(np.argsort(-scores, kind="stable")), list[int]()
    while order:
        best = order.pop(0)
        kept.append(int(best))
        rest = np.array(order, np.int64)
        low, high = np.maximum(boxes[best, :2], boxes[rest, :2]), np.minimum(boxes[best, 2:], boxes[rest, 2:])
        common = np.maximum(high - low, 0).prod(axis=1)
        whole = np.minimum(area[best], area[rest]) if least else area[best] + area[rest] - common
        order = list(rest[common <= limit * whole])
    return kept


def _window(picture: Pictures, box: _Floats, side: int) -> Pictures:
    """A square part of a picture, black where it lies outside, brought to side x side."""
    import cv2

    scale = side / max(float(box[2] - box[0]), 1.0)
    matrix = np.array([[scale, 0, -box[0] * scale], [0, scale, -box[1] * scale]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)


def _face(box: _Floats, score: float, points: _Floats, size: _Floats) -> Face:
    left, top, right, bottom = (float(value) for value in box)
    width, height = (float(value) for value in size)
    places = tuple((float(x), float(y)) for x, y in points / size)
    return Face(
        (left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height, score, places
    )


# The networks: their weights as the package mtcnn carries them, run by onnxruntime instead of TensorFlow.


def _run(network: str, pictures: Pictures) -> Sequence[_Floats]:
    """Belief (n, 2, ...), moves of the box (n, 4, ...) and, of onet, points (n, 10)."""
    out: Sequence[_Floats] = _session(network).run(None, {"x": (pictures.astype(np.float32) - 127.5) * np.float32(1 / 128)})
    return out


@cache
def _session(network: str) -> "onnxruntime.InferenceSession":
    import os

    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it writes an id into HOME, and reports to its makers
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(_built(network), options, providers=["CPUExecutionProvider"])


def _weights(network: str) -> list[_Floats]:
    import joblib  # type: ignore[import-untyped]

    spec = find_spec("mtcnn")  # not imported: that would want TensorFlow
    places = spec.submodule_search_locations if spec else None
    path = Path(places[0]) / f"assets/weights/{network}.lz4" if places else None
    if path is None or not path.is_file():
        raise WorkError("the face networks are missing from this installation; install the package mtcnn again")
    found: list[_Floats] = joblib.load(path)  # part of the installed program, as its code is
    return found


_POOLS = {"pnet": "2s", "rnet": "3s 3v", "onet": "3s 3v 2s"}  # after each of the first convolutions: side, same or valid edges


def _built(network: str) -> bytes:
    """The network as ONNX, read off the weights' shapes: convolutions, then for windows of one size full layers."""
    from onnx import TensorProto, helper, numpy_helper

    weights, nodes, held = _weights(network), list[Any](), list[Any]()

    def layer(kind: str, x: str, *values: _Floats, **options: Any) -> str:
        names = [f"w{len(held) + n}" for n in range(len(values))]
        held.extend(
            numpy_helper.from_array(np.ascontiguousarray(v, np.float32), name) for v, name in zip(values, names, strict=True)
        )
        nodes.append(helper.make_node(kind, [x, *names], [f"y{len(nodes)}"], **options))
        return str(nodes[-1].output[0])

    x = layer("Transpose", "x", perm=[0, 3, 1, 2])
    pools = iter(_POOLS[network].split())
    while weights and len(weights) > 4 and weights[0].ndim == 4:
        kernel, bias, slope, *weights = weights
        x = layer("PRelu", layer("Conv", x, kernel.transpose(3, 2, 0, 1), bias), slope.reshape(-1, 1, 1))
        if pool := next(pools, None):
            edges = "SAME_UPPER" if pool[1] == "s" else "VALID"
            x = layer("MaxPool", x, kernel_shape=[int(pool[0])] * 2, strides=[2, 2], auto_pad=edges)
    if network != "pnet":
        kernel, bias, slope, *weights = weights
        x = layer("Flatten", layer("Transpose", x, perm=[0, 3, 2, 1]))
        x = layer("PRelu", layer("Gemm", x, kernel, bias), slope)
    ends = []
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        ends.append(layer("Conv", x, kernel.transpose(3, 2, 0, 1), bias) if network == "pnet" else layer("Gemm", x, kernel, bias))
        if len(bias) == 2:
            ends[-1] = layer("Softmax", ends[-1], axis=1)
    move, *point, belief = ends
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", "h", "w", 3])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in (belief, move, *point)]
    graph = helper.make_graph(nodes, network, [given], outputs, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString(deterministic=True))
