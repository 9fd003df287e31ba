"""From a run to the bundle that travels to the robot: fitted transform,
ONNX export, smaller numbers.
"""
