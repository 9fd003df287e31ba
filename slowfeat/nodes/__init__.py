"""The ROS 2 nodes: the only part of slowfeat that imports rclpy."""
