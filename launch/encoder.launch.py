"""Start the encoder node: ros2 launch slowfeat encoder.launch.py model:=/path/to/bundle."""

import os

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import EnvironmentVariable, LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

CONFIG = PathJoinSubstitution([FindPackageShare("slowfeat"), "config"])
# Name, default, description.
ARGUMENTS = [
    ("model", "", "Bundle or run folder, or package://NAME/PATH; empty: as in params_file"),
    ("image_topic", "image", "Topic of the images"),
    ("odom_topic", "odom", "Topic of the odometry (nav_msgs/Odometry)"),
    (
        "image_transport",
        "",
        "raw, or compressed (IMAGE_TOPIC/compressed); empty: as in params_file",
    ),
    ("camera_info_topic", "", "Topic of the camera_info; empty: beside the images"),
    ("rectify", "", "none, undistort or match; empty: as in params_file"),
    ("memory", "", "Folder of a labelled memory; empty: as in params_file"),
    (
        "goal_image",
        "",
        "Image file of the wanted view; empty: as in params_file",
    ),
    ("execution_provider", "", "auto, cpu, cuda or tensorrt; empty: as in params_file"),
    ("name", "encoder", "Name of the node, below which its topics and services stand"),
    ("namespace", "", "Namespace of the node"),
    ("use_sim_time", "false", "Take the time from /clock"),
    ("params_file", PathJoinSubstitution([CONFIG, "encoder.yaml"]), "Parameters of the node"),
    ("autostart", "true", "Configure and activate the node at start"),
    ("use_respawn", "false", "Start the node again when its process ends"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
]
# Arguments that are parameters of the node: where they are given they win over params_file.
PARAMETERS = {
    "model": str,
    "image_transport": str,
    "rectify": str,
    "memory": str,
    "goal_image": str,
    "execution_provider": str,
    "use_sim_time": bool,
    "autostart": bool,
}
# Fast DDS's profile, without which large images get lost; Humble's reads another name.
PROFILE_VARIABLE = (
    "FASTRTPS_DEFAULT_PROFILES_FILE"
    if os.environ.get("ROS_DISTRO") == "humble"
    else "FASTDDS_DEFAULT_PROFILES_FILE"
)


def start_node(context: LaunchContext) -> list[Node]:
    """The node, with the parameters that were given as arguments."""
    given = {
        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, kind in PARAMETERS.items()
        if LaunchConfiguration(name).perform(context)
    }
    remappings = [
        ("image", LaunchConfiguration("image_topic")),
        ("odom", LaunchConfiguration("odom_topic")),
    ]
    if LaunchConfiguration("camera_info_topic").perform(context):
        # Without a remapping the node looks beside the images.
        remappings.append(("camera_info", LaunchConfiguration("camera_info_topic")))
    return [
        Node(
            package="slowfeat",
            executable="encoder_node",
            name=LaunchConfiguration("name"),
            namespace=LaunchConfiguration("namespace"),
            parameters=[LaunchConfiguration("params_file"), given],
            remappings=remappings,
            arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
            respawn=LaunchConfiguration("use_respawn"),
            respawn_delay=2.0,
            output="screen",
        )
    ]


def generate_launch_description() -> LaunchDescription:
    """Arguments, the Fast DDS profile unless one is set, and the node."""
    ours = PathJoinSubstitution([CONFIG, "fastdds_large_data.xml"])
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=description)
                for name, default, description in ARGUMENTS
            ),
            SetEnvironmentVariable(
                PROFILE_VARIABLE, EnvironmentVariable(PROFILE_VARIABLE, default_value=ours)
            ),
            OpaqueFunction(function=start_node),
        ]
    )
