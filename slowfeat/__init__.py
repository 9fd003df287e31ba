"""Slow, egomotion-equivariant image features: the part that runs on the robot.

Needs numpy, OpenCV and ONNX Runtime only; ``rclpy`` is used under ``slowfeat.nodes`` alone, and
torch nowhere. One way for the data: image -> Encoder -> embedding -> prediction -> choice.
"""

__version__ = "0.1.0"
