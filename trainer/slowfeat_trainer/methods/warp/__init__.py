"""The default method: a feature map that is warped as the robot's motion moves the image."""
