"""The trained thing, without torch: model folder, ONNX graphs, decoding and the pipeline."""
