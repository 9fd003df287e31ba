"""Start encoder and view selector: ros2 launch slowfeat active_view.launch.py
model:=/path/to/bundle.

The robot does not move before the service /view_selector/start is called (or start_moving:=true).
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

SHARE = FindPackageShare("slowfeat")
# Name, default, description.
ARGUMENTS = [
    ("model", "", "Bundle or run folder, or package://NAME/PATH; empty: as in params_file"),
    ("image_topic", "image", "Topic of the images"),
    ("odom_topic", "odom", "Topic of the odometry (nav_msgs/Odometry)"),
    ("cmd_vel_topic", "cmd_vel", "Topic of the velocity commands"),
    ("cmd_vel_stamped", "", "true: TwistStamped; empty: as in selector_params_file"),
    (
        "image_transport",
        "",
        "raw, or compressed (IMAGE_TOPIC/compressed); empty: as in params_file",
    ),
    ("camera_info_topic", "", "Topic of the camera_info; empty: beside the images"),
    ("rectify", "", "none, undistort or match; empty: as in params_file"),
    ("memory", "", "Folder of a labelled memory, for recognition and resemblance"),
    ("goal_image", "", "Image file of the wanted view, for goal"),
    ("execution_provider", "", "auto, cpu, cuda or tensorrt; empty: as in params_file"),
    ("name", "encoder", "Name of the encoder node, below which its topics and services stand"),
    ("policy", "", "goal, novelty, recognition or resemblance; empty: as in selector_params_file"),
    ("start_moving", "", "true: move as soon as active, without ~/start"),
    ("namespace", "", "Namespace of the nodes"),
    ("use_sim_time", "false", "Take the time from /clock"),
    (
        "params_file",
        PathJoinSubstitution([SHARE, "config", "encoder.yaml"]),
        "Parameters of the encoder",
    ),
    (
        "selector_params_file",
        PathJoinSubstitution([SHARE, "config", "view_selector.yaml"]),
        "Parameters of the view selector",
    ),
    ("autostart", "true", "Configure and activate the nodes at start"),
    ("use_respawn", "false", "Start a node again when its process ends"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
]
# Arguments that are parameters of the selector: where they are given they win over its file.
PARAMETERS = {
    "policy": str,
    "cmd_vel_stamped": bool,
    "start_moving": bool,
    "use_sim_time": bool,
    "autostart": bool,
}
# Arguments that are passed on to encoder.launch.py.
OF_ENCODER = [
    "model",
    "image_topic",
    "odom_topic",
    "image_transport",
    "camera_info_topic",
    "rectify",
    "memory",
    "goal_image",
    "execution_provider",
    "name",
    "namespace",
    "use_sim_time",
    "params_file",
    "autostart",
    "use_respawn",
    "log_level",
]


def start_selector(context: LaunchContext) -> list[Node]:
    """The view selector, with the parameters that were given as arguments."""
    given = {
        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, kind in PARAMETERS.items()
        if LaunchConfiguration(name).perform(context)
    }
    given["encoder"] = ParameterValue(LaunchConfiguration("name"), value_type=str)
    return [
        Node(
            package="slowfeat",
            executable="view_selector_node",
            name="view_selector",
            namespace=LaunchConfiguration("namespace"),
            parameters=[LaunchConfiguration("selector_params_file"), given],
            remappings=[
                ("odom", LaunchConfiguration("odom_topic")),
                ("cmd_vel", LaunchConfiguration("cmd_vel_topic")),
            ],
            arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
            respawn=LaunchConfiguration("use_respawn"),
            respawn_delay=2.0,
            output="screen",
        )
    ]


def generate_launch_description() -> LaunchDescription:
    """Arguments, the encoder's own launch file, and the selector."""
    encoder = PathJoinSubstitution([SHARE, "launch", "encoder.launch.py"])
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=description)
                for name, default, description in ARGUMENTS
            ),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(encoder),
                launch_arguments=[(name, LaunchConfiguration(name)) for name in OF_ENCODER],
            ),
            OpaqueFunction(function=start_selector),
        ]
    )
