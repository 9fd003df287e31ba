"""The launch file, read with stand-ins for `launch` and
`launch_ros`, which come with ROS 2 only.
"""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from slowfeat.nodes.parameters import ENCODER_PARAMETERS
from slowfeat.nodes.view_selector.view_selector_parameters import VIEW_SELECTOR_PARAMETERS

LAUNCH_FILE = Path(__file__).resolve().parents[3] / "launch" / "encoder.launch.py"
KNOWN = {"namespace", "use_sim_time", "params_file", "autostart", "use_respawn", "log_level"}
OURS = {
    "model",
    "image_topic",
    "odom_topic",
    "camera_info_topic",
    "image_transport",
    "rectify",
    "memory",
    "goal_image",
    "execution_provider",
    "name",
}


class Recorded:
    """Remembers how it was made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs


class Configuration(Recorded):
    """LaunchConfiguration: its value is looked up when it is performed."""

    def perform(self, context: dict[str, str]) -> str:
        return context[self.args[0]]


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(name: str) -> type[Recorded]:
        return type(name, (Recorded,), {})

    modules = {
        "launch": ["LaunchContext", "LaunchDescription"],
        "launch.actions": [
            "DeclareLaunchArgument",
            "IncludeLaunchDescription",
            "OpaqueFunction",
            "SetEnvironmentVariable",
        ],
        "launch.launch_description_sources": ["PythonLaunchDescriptionSource"],
        "launch.substitutions": ["EnvironmentVariable", "PathJoinSubstitution"],
        "launch_ros": [],
        "launch_ros.actions": ["Node"],
        "launch_ros.parameter_descriptions": ["ParameterValue"],
        "launch_ros.substitutions": ["FindPackageShare"],
    }
    for module, names in modules.items():
        made = types.ModuleType(module)
        for name in names:
            setattr(made, name, named(name))
        monkeypatch.setitem(sys.modules, module, made)
    sys.modules["launch.substitutions"].LaunchConfiguration = Configuration  # type: ignore[attr-defined]


@pytest.fixture
def launch_file(stand_ins: None) -> dict[str, Any]:
    return runpy.run_path(str(LAUNCH_FILE))


@pytest.fixture
def active_view(stand_ins: None) -> dict[str, Any]:
    return runpy.run_path(str(LAUNCH_FILE.with_name("active_view.launch.py")))


def described(launch_file: dict[str, Any], kind: str) -> list[Any]:
    description = launch_file["generate_launch_description"]()
    return [a for a in description.args[0] if type(a).__name__ == kind]


def arguments(launch_file: dict[str, Any]) -> dict[str, Any]:
    found = described(launch_file, "DeclareLaunchArgument")
    return {a.args[0]: a.kwargs for a in found}


def started(launch_file: dict[str, Any], **given: str) -> Any:
    context = dict.fromkeys(arguments(launch_file), "") | given
    return launch_file["start_node"](context)[0]


def test_arguments_are_those_that_everyone_knows_each_described(
    launch_file: dict[str, Any],
) -> None:
    declared = arguments(launch_file)
    assert set(declared) >= KNOWN | OURS
    assert all(kwargs["description"] for kwargs in declared.values())


def test_only_parameters_that_are_given_override_the_file(launch_file: dict[str, Any]) -> None:
    _, given = started(launch_file, model="/b", use_sim_time="true").kwargs["parameters"]
    assert set(given) == {"model", "use_sim_time"}
    assert given["use_sim_time"].kwargs["value_type"] is bool


def test_every_parameter_argument_is_one_of_the_node(launch_file: dict[str, Any]) -> None:
    known = {row.name for row in ENCODER_PARAMETERS} | {"use_sim_time"}
    assert set(launch_file["PARAMETERS"]) <= known & set(arguments(launch_file))


def test_topics_namespace_respawn_and_log_level_reach_the_node(launch_file: dict[str, Any]) -> None:
    node = started(launch_file).kwargs
    assert (node["package"], node["executable"]) == ("slowfeat", "encoder_node")
    assert [(name, c.args[0]) for name, c in node["remappings"]] == [
        ("image", "image_topic"),
        ("odom", "odom_topic"),
    ]
    assert node["namespace"].args[0] == "namespace"
    assert node["respawn"].args[0] == "use_respawn"
    assert node["arguments"][-1].args[0] == "log_level"


def test_a_topic_of_camera_info_is_remapped_where_it_is_given(launch_file: dict[str, Any]) -> None:
    node = started(launch_file, camera_info_topic="/front/camera_info").kwargs
    name, topic = node["remappings"][-1]
    assert (name, topic.args[0]) == ("camera_info", "camera_info_topic")


def test_the_nodes_name_is_an_argument_and_the_selector_asks_it(
    launch_file: dict[str, Any], active_view: dict[str, Any]
) -> None:
    assert arguments(launch_file)["name"]["default_value"] == "encoder"
    assert started(launch_file).kwargs["name"].args[0] == "name"
    context = dict.fromkeys(arguments(active_view), "")
    _, given = active_view["start_selector"](context)[0].kwargs["parameters"]
    assert given["encoder"].args[0].args[0] == "name"


def test_fast_dds_profile_is_set_unless_the_user_has_one(launch_file: dict[str, Any]) -> None:
    (action,) = described(launch_file, "SetEnvironmentVariable")
    name, value = action.args
    assert name == "FASTDDS_DEFAULT_PROFILES_FILE"
    assert value.args[0] == name
    assert value.kwargs["default_value"].args[0][-1] == "fastdds_large_data.xml"


def test_active_view_passes_every_argument_of_the_encoder_on(
    launch_file: dict[str, Any], active_view: dict[str, Any]
) -> None:
    (included,) = described(active_view, "IncludeLaunchDescription")
    passed = dict(included.kwargs["launch_arguments"])
    assert set(passed) == set(arguments(launch_file))
    assert {name: value.args[0] for name, value in passed.items()} == {n: n for n in passed}
    assert set(passed) <= set(arguments(active_view))
    assert all(kwargs["description"] for kwargs in arguments(active_view).values())


def test_active_view_starts_the_selector_with_what_was_given(active_view: dict[str, Any]) -> None:
    known = {row.name for row in VIEW_SELECTOR_PARAMETERS} | {"use_sim_time"}
    assert set(active_view["PARAMETERS"]) <= known & set(arguments(active_view))
    context = dict.fromkeys(arguments(active_view), "") | {"policy": "goal"}
    node = active_view["start_selector"](context)[0].kwargs
    assert (node["package"], node["executable"]) == ("slowfeat", "view_selector_node")
    assert set(node["parameters"][1]) == {"policy", "encoder"}
    assert [(name, c.args[0]) for name, c in node["remappings"]] == [
        ("odom", "odom_topic"),
        ("cmd_vel", "cmd_vel_topic"),
    ]
