"""Building ONNX graphs: nodes and constants collected, steps named. Only export imports onnx.

ONNX operators: https://onnx.ai/onnx/operators/. `com.microsoft` holds those of ONNX Runtime's own:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tagger.inference.folder import Precision

OPSET = 17
IR_VERSION = 9
MICROSOFT = "com.microsoft"

# Seven bits, for processors that add two products of 8 bits in 16 (AVX2): nothing overflows there,
# so that every processor computes the same. https://onnxruntime.ai/docs/performance/ (reduce_range)
LARGEST_WEIGHT = 63
LARGEST_STATE = 127  # a hidden state, between -1 and 1, as an unsigned byte around STATE_ZERO
STATE_ZERO = 128


class GraphBuilder:
    """Collects nodes and constants, naming what each step gives."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._scope = ""

    @contextmanager
    def scope(self, prefix: str) -> Iterator[None]:
        """For a while all names, of inputs too, stand for what begins with `prefix`."""
        before, self._scope = self._scope, prefix
        yield
        self._scope = before

    def constant(self, name: str, value: object, dtype: type = np.float32) -> str:
        """Adds an array under `name` and gives the name back."""
        array: NDArray[Any] = np.asarray(value, dtype)
        self.constants.append(numpy_helper.from_array(array, self._scope + name))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        """Adds a node of one output and gives the output's name back."""
        return self.add_many(operator, inputs, [output], "", **attributes)[0]

    def add_many(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        domain: str = "",
        **attributes: object,
    ) -> list[str]:
        """Adds a node and gives its outputs' names back."""
        read, made = ([name and self._scope + name for name in n] for n in (inputs, outputs))
        node = helper.make_node(operator, read, made, domain=domain, **attributes)
        self.nodes.append(node)
        return list(outputs)

    def inner(
        self,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
        name: str,
    ) -> onnx.GraphProto:
        """The nodes so far, taken out, as the body of a loop; constants stay outside."""
        body = helper.make_graph(self.nodes, name, inputs, outputs)
        self.nodes = []
        return body

    def model(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> bytes:
        """The checked model as bytes."""
        graph = helper.make_graph(self.nodes, "tagger", inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())


class Multiplier:
    """Products of hidden states with constant matrices, in the graph's precision.

    In int8 a state is a byte and a matrix holds 7-bit integers with a scale per column: sums are
    exact, whatever a sentence is batched with. States are quantised with one fixed scale, since
    |h| < 1.
    """

    def __init__(self, graph: GraphBuilder, precision: Precision) -> None:
        self._graph = graph
        self._is_int8 = precision == "int8"
        self.state_type = TensorProto.UINT8 if self._is_int8 else TensorProto.FLOAT
        if self._is_int8:
            graph.constant("state_scale", 1 / LARGEST_STATE)
            graph.constant("state_zero", STATE_ZERO, np.uint8)

    def matrix(self, name: str, weights: NDArray[np.float32]) -> None:
        """Adds a matrix (inputs, outputs) under `name`."""
        if not self._is_int8:
            self._graph.constant(name, weights)
            return
        scales = np.maximum(np.abs(weights).max(0), 1e-12) / LARGEST_WEIGHT
        self._graph.constant(name, np.rint(weights / scales), np.int8)
        self._graph.constant(f"{name}.scale", scales)

    def product(self, states: str, matrix: str, output: str) -> str:
        """states (…, inputs) times the matrix, in fp32."""
        if not self._is_int8:
            return self._graph.add("MatMul", [states, matrix], output)
        inputs = [states, matrix, "state_scale", f"{matrix}.scale", "state_zero"]
        return self._graph.add_many("MatMulIntegerToFloat", inputs, [output], MICROSOFT)[0]

    def state(self, hidden: str, output: str) -> str:
        """An fp32 hidden state as this precision keeps it."""
        if not self._is_int8:
            return self._graph.add("Identity", [hidden], output)
        return self._graph.add("QuantizeLinear", [hidden, "state_scale", "state_zero"], output)

    def no_state(self, shape: str, output: str) -> str:
        """Hidden states of 0 of a shape."""
        if not self._is_int8:
            return self._graph.add("ConstantOfShape", [shape], output)
        value = numpy_helper.from_array(np.array([STATE_ZERO], np.uint8))
        return self._graph.add("ConstantOfShape", [shape], output, value=value)
