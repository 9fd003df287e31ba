"""The parameters of the view selector: one table, as for the encoder. Needs no ROS to be read."""

from __future__ import annotations

from slowfeat.nodes.parameters import AT_START, WHILE_UNCONFIGURED, NodeParameter
from slowfeat.nodes.view_selector import view_selector_settings as effects
from slowfeat.view_selection.look_ahead import BEAM, MAX_STEPS
from slowfeat.view_selection.policies import NEIGHBOURS, POLICIES

VIEW_SELECTOR_PARAMETERS = (
    NodeParameter(
        "encoder",
        "encoder",
        "Name of the encoder node, relative to this node's namespace or absolute.",
        WHILE_UNCONFIGURED,
    ),
    NodeParameter(
        "policy",
        "novelty",
        "What to look for; goal needs ~/goal or the encoder's goal_image, recognition and "
        "resemblance need the encoder's memory.",
        choices=POLICIES,
    ),
    NodeParameter(
        "motions",
        (),
        "Motions to choose among, 6 numbers each: x, y, z in m and a rotation vector in rad, of "
        "the body after seen from the body before (x forward, y left, z up). Empty: the bundle's "
        "motion patterns.",
        group=6,
    ),
    NodeParameter("steps", 1, "How many motions to look ahead.", bounds=(1, MAX_STEPS)),
    NodeParameter("beam", BEAM, "Sequences kept at each step of looking ahead.", bounds=(1, 1000)),
    NodeParameter(
        "neighbours", NEIGHBOURS, "Labelled neighbours that are asked.", bounds=(1, 1000)
    ),
    NodeParameter(
        "allow_outside_range",
        False,
        "Whether motions outside the range seen in training may be chosen.",
        apply=effects.allow_outside_range,
    ),
    NodeParameter(
        "stop_when_none_better",
        False,
        "Stop when no motion is expected to be better than staying: how goal arrives.",
        apply=effects.stop_when_none_better,
    ),
    NodeParameter(
        "max_moves",
        0,
        "Stop after so many motions; 0: never.",
        bounds=(0, 1_000_000),
        apply=effects.max_moves,
    ),
    NodeParameter(
        "start_moving",
        False,
        "Move as soon as the node is active. With false it waits for ~/start, so that a launch "
        "file moves no robot by itself.",
        AT_START,
    ),
    NodeParameter(
        "cmd_vel_stamped",
        False,
        "Publish geometry_msgs/TwistStamped on cmd_vel (Nav2 from Jazzy on), not Twist.",
        WHILE_UNCONFIGURED,
    ),
    NodeParameter(
        "max_speed",
        0.3,
        "Fastest, forward and backward, m/s.",
        bounds=(0.01, 5.0),
        apply=effects.max_speed,
    ),
    NodeParameter(
        "max_turn_rate",
        0.8,
        "Fastest turn, rad/s.",
        bounds=(0.01, 6.0),
        apply=effects.max_turn_rate,
    ),
    NodeParameter(
        "max_move_time_s",
        10.0,
        "A motion that takes longer is given up, s.",
        bounds=(0.1, 600.0),
        apply=effects.max_move_time,
    ),
    NodeParameter(
        "tolerance_m",
        0.03,
        "A motion has arrived when nearer than this, m.",
        bounds=(0.001, 1.0),
        apply=effects.tolerance_m,
    ),
    NodeParameter(
        "tolerance_rad",
        0.04,
        "And when its heading is off by less, rad.",
        bounds=(0.001, 1.0),
        apply=effects.tolerance_rad,
    ),
    NodeParameter(
        "blocked_s",
        1.0,
        "When odometry makes less than a fifth of what was commanded for so long, something is in "
        "the way, s.",
        bounds=(0.1, 60.0),
        apply=effects.blocked,
    ),
    NodeParameter(
        "stalled_s",
        0.2,
        "The same for a pose that stands still after it has moved in this motion (a wall, or "
        "odometry that is frozen), s.",
        bounds=(0.05, 60.0),
        apply=effects.stalled,
    ),
    NodeParameter(
        "path_margin",
        0.5,
        "A motion ends when it has commanded more than this share beyond the path (plus 0.1 m) or "
        "the angle (plus 0.3 rad) that an ideal robot needs for it, whatever odometry says.",
        bounds=(0.1, 10.0),
        apply=effects.path_margin,
    ),
    NodeParameter(
        "odom_timeout_s",
        0.25,
        "Odometry that has not come, or whose stamp stands still, for so long has stopped, and so "
        "does the robot; nothing is begun where it is so much older than the image, s.",
        bounds=(0.05, 10.0),
        apply=effects.odom_timeout,
    ),
    NodeParameter(
        "heed_odometry_health",
        True,
        "End a motion, and begin none, where the encoder's ~/odometry_health is WARN or STALE.",
    ),
    NodeParameter(
        "body_frame",
        "base_link",
        "The frame that is driven. Odometry of another one (a camera's) is turned to it by tf, "
        "where tf knows it.",
    ),
    NodeParameter(
        "decision_timeout_s",
        3.0,
        "Time without a decision about a fresh view after which the node warns and sends the "
        "request again, s.",
        bounds=(0.1, 600.0),
        apply=effects.decision_timeout,
    ),
    NodeParameter(
        "dead_man_s",
        0.5,
        "When the node's own control loop hangs for so long while the robot moves, a thread of "
        "its own stops the robot, s.",
        WHILE_UNCONFIGURED,
        bounds=(0.1, 10.0),
    ),
    NodeParameter(
        "settle_s",
        0.2,
        "From the end of a motion to the next question, s; the view must be newer than the motion "
        "anyway.",
        bounds=(0.0, 60.0),
        apply=effects.settle,
    ),
    NodeParameter("rate", 20.0, "Commands a second, Hz.", WHILE_UNCONFIGURED, bounds=(2.0, 200.0)),
    NodeParameter(
        "autostart",
        True,
        "Configure and activate at start; with false, lifecycle transitions do it.",
        AT_START,
    ),
)
