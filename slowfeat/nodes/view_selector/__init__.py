"""The view selector: it drives the robot to the view that is chosen."""
