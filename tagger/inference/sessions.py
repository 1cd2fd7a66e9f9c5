"""ONNX graphs of a model folder as sessions of ONNX Runtime on the CPU."""

import onnxruntime as ort

from tagger.errors import ModelError


def open_session(graph: bytes, name: str, threads: int) -> ort.InferenceSession:
    """A session of one graph; raises ModelError that names it where the graph is broken.

    Graphs are exported as they are to run: optimising them at every start would cost more than
    it gives.
    """
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class per status, all of them plain Exceptions
        raise ModelError(f"{name}: not a usable ONNX graph: {one_line(error)}") from error


def one_line(error: Exception) -> str:
    """An error's message without its line breaks."""
    return " ".join(str(error).split())
