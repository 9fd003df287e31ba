"""Where a series of poses jumps: the rule that trainer and robot
share (`slowfeat.odometry_jumps`).
"""

from slowfeat.odometry_jumps import MAX_SPEED, MAX_TURN_RATE, Jumps, find_jumps

__all__ = ["MAX_SPEED", "MAX_TURN_RATE", "Jumps", "find_jumps"]
