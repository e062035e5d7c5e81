"""Where a picture shows a thing rather than ground: how strongly a classifier's last layer answers, place by place."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features.bundled import classifier
from trailers.features.media import Pictures

if TYPE_CHECKING:
    import onnxruntime

_LONG, _CELL = 384, 32  # pixels of the longer side that the network sees, and of one of its answers
_LAST = "_conv_head.relu6"  # what the network's pooling takes


def things(picture: Pictures) -> NDArray[np.float32]:
    """(rows, columns), 0 and more: how much of a thing an RGB picture shows at each 32nd of its height and width or so.

    The last convolution of EfficientNet-Lite0, over its channels and where it is above its mean (selective convolutional
    descriptor aggregation, Wei, Luo, Wu and Zhou 2017, by the norm and not the sum). Nobody named the things: animals, machines
    and drawn figures are found as well as those that ImageNet knows.
    """
    import cv2

    height, width = picture.shape[:2]
    scale = _LONG / max(height, width)
    size = (max(1, round(width * scale / _CELL)) * _CELL, max(1, round(height * scale / _CELL)) * _CELL)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    answer: NDArray[np.float32] = _session().run(None, {"picture": small[None]})[0][0]
    return np.where(answer > answer.mean(), answer, np.float32(0))


@cache
def _session() -> "onnxruntime.InferenceSession":
    import os

    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it writes an id into HOME, and reports to its makers
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    network = classifier()
    graph = network.graph
    end = next(n for n, node in enumerate(graph.node) if node.output[0] == _LAST)
    del graph.node[end + 1 :]
    held = [each for each in graph.initializer if not each.name.startswith("_fc")]
    del graph.initializer[:]
    graph.initializer.extend([*held, numpy_helper.from_array(np.array([1], np.int64), "channels")])
    graph.node.append(helper.make_node("ReduceL2", [_LAST, "channels"], ["strength"], keepdims=0))
    for side, name in ((1, "height"), (2, "width")):
        graph.input[0].type.tensor_type.shape.dim[side].dim_param = name
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("strength", TensorProto.FLOAT, ["n", "y", "x"]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(network.SerializeToString(), options, providers=["CPUExecutionProvider"])
