"""ONNX graphs as sessions of ONNX Runtime on the CPU."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.inference.graph_check import check_graph

Array = NDArray[Any]


class Session:
    """A graph ready to run; `seconds` is the CPU time that this process has spent in it."""

    def __init__(self, graph: bytes, name: str, threads: int) -> None:
        """Raises ModelError that names the graph where it is broken or might do harm.

        Graphs are exported as they are to run: optimising them at every start would cost more
        than it gives.
        """
        check_graph(graph, name)
        self._name = name
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_mem_pattern = False  # batches have ever new shapes: no plan fits the next
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        providers = ["CPUExecutionProvider"]
        try:
            self._session = ort.InferenceSession(graph, options, providers=providers)
        except Exception as error:  # onnxruntime has a class per status, all plain Exceptions
            raise ModelError(f"{name}: not a usable ONNX graph: {one_line(error)}") from error
        self.seconds = 0.0

    def run(
        self,
        inputs: Mapping[str, Array],
        outputs: Sequence[str] | None = None,
        *,
        problem: str = "cannot be run",
    ) -> list[Any]:
        """The outputs by name, all if None, as arrays; raises ModelError that tells the problem."""
        begun = time.process_time()
        try:
            found: list[Any] = self._session.run(outputs, inputs)
        except Exception as error:  # as above
            raise ModelError(f"{self._name}: {problem}: {one_line(error)}") from error
        self.seconds += time.process_time() - begun
        return found


def one_line(error: Exception) -> str:
    """An error's message without its line breaks."""
    return " ".join(str(error).split())
