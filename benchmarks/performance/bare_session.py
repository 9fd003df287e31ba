"""ONNX Runtime with the engine's settings and nothing around it: the
peer of all that runs a bundle.
"""

from __future__ import annotations

import os
from typing import Any

NAME = "bare ONNX Runtime"


def bare_session(model: bytes, threads: int = 0) -> Any:
    """A session on the CPU.

    Args:
        model: an .onnx file.
        threads: of ONNX Runtime; 0: as many as the engine takes.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or min(4, os.cpu_count() or 1)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
