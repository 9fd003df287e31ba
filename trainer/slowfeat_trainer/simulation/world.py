"""A place to drive in: one Freedoom map rendered by ViZDoom, with the exact pose of the body.

Frames: the map frame is x east, y north, z up, in metres; the body (base_link) is x forward,
y left, z up, on the floor below the camera. Yaw is counter-clockwise, in radians.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from slowfeat.errors import UsageError
from slowfeat_trainer.simulation import wad
from slowfeat_trainer.simulation.level import UNITS_PER_M, Level, tame

# Doom draws its maps a fifth taller than wide (the pixels of 1993 were not square). Taken as the
# shape of the world, not of the pixels, the camera is an ordinary one with square pixels.
UNITS_PER_M_UP = UNITS_PER_M / 1.2
CAMERA_HEIGHT_M = 41 / UNITS_PER_M_UP  # Doom's eyes are 41 units above the floor
# What one count of a thrust button adds to the velocity, which is in map units a tic.
THRUSTS_PER_UNIT = 32.0
# The game ignores the buttons for the first tics of an episode.
WARM_UP_TICS = 12
SETTLE_TICS = 35

WADS = ("freedoom1.wad", "freedoom2.wad")
# What ViZDoom leaves out of the image.
HIDDEN = ("hud", "minimal_hud", "crosshair", "weapon", "messages", "screen_flashes")


class Pose(NamedTuple):
    """Where the body is, map frame: x, y, z in m, yaw in rad (never wrapped)."""

    x: float
    y: float
    z: float
    yaw: float


def list_maps() -> dict[str, Path]:
    """Names of the maps that come with ViZDoom, and the WAD file that holds each."""
    import vizdoom

    folder = Path(vizdoom.__file__).parent
    return {name: folder / file for file in WADS for name in wad.map_names(folder / file)}


class World:
    """A robot in a map: `move` it by one tic, read its `pose`, `render` what it sees.

    The physics are Doom's: walls and obstacles stop the body, which then slides along them. A tic
    lasts as long as the caller says it does, so speeds are the caller's too. Use it as a context.

    Args:
        map_name: one of `list_maps()`.
        size: (width, height) of the rendered image in pixels; ViZDoom knows only some sizes.
        seed: of the game's own random numbers (flickering lights).
    """

    level: Level

    def __init__(self, map_name: str, size: tuple[int, int], seed: int = 0) -> None:
        maps = list_maps()
        if map_name not in maps:
            raise UsageError(f"unknown map {map_name}; the maps are: {' '.join(maps)}")
        self.level = tame(wad.read_map(maps[map_name], map_name))
        self._folder = tempfile.TemporaryDirectory(prefix="slowfeat-world-")
        self._game = self._start(maps[map_name], map_name, size, seed)
        self._yaw = 0.0
        self._track_yaw()

    def _start(self, iwad: Path, map_name: str, size: tuple[int, int], seed: int) -> Any:
        import vizdoom

        game = vizdoom.DoomGame()
        folder = Path(self._folder.name)
        wad.write_map(folder / "level.wad", map_name, self.level.lumps)
        game.set_doom_game_path(str(iwad))
        game.set_doom_scenario_path(str(folder / "level.wad"))
        game.set_doom_config_path(str(folder / "vizdoom.ini"))
        game.set_doom_map(map_name)
        game.set_screen_resolution(getattr(vizdoom.ScreenResolution, "RES_{}X{}".format(*size)))
        game.set_screen_format(vizdoom.ScreenFormat.RGB24)
        for part in HIDDEN:
            getattr(game, f"set_render_{part}")(False)
        game.set_window_visible(False)
        game.set_sound_enabled(False)
        game.set_mode(vizdoom.Mode.PLAYER)
        game.set_episode_timeout(0)
        game.set_seed(seed)
        # No view bobbing: the camera stays fixed to the body.
        game.add_game_args("+movebob 0 +stillbob 0 +sv_nomonsters 1")
        button = vizdoom.Button
        game.set_available_buttons(
            [
                button.MOVE_FORWARD_BACKWARD_DELTA,
                button.MOVE_LEFT_RIGHT_DELTA,
                button.TURN_LEFT_RIGHT_DELTA,
            ]
        )
        # The game makes an empty folder _vizdoom where it is started.
        with contextlib.chdir(folder):
            game.init()
        game.send_game_command("god")
        game.make_action([0, 0, 0], WARM_UP_TICS)
        return game

    def _variables(self, *names: str) -> list[float]:
        import vizdoom

        return [self._game.get_game_variable(getattr(vizdoom.GameVariable, name)) for name in names]

    def _track_yaw(self) -> None:
        """Follow the heading without jumps at a full turn."""
        (degrees,) = self._variables("ANGLE")
        self._yaw += math.remainder(math.radians(degrees) - self._yaw, math.tau)

    @property
    def pose(self) -> Pose:
        """The body's true pose, as the last rendered image was taken."""
        # On stairs Doom lets the camera glide; the body is taken to be rigidly below the camera.
        x, y, z = self._variables("POSITION_X", "POSITION_Y", "CAMERA_POSITION_Z")
        return Pose(
            x / UNITS_PER_M, y / UNITS_PER_M, z / UNITS_PER_M_UP - CAMERA_HEIGHT_M, self._yaw
        )

    def move(self, forward_m: float, turn_rad: float) -> bool:
        """One tic: try to drive along an arc, without sideways slip.

        Doom's bodies glide on; the thrust is chosen against their present velocity so that the
        body arrives where a wheeled robot would. Where nothing is in the way it does, to 1 mm.

        Returns:
            Whether something was in the way.
        """
        before = self.pose
        direction = before.yaw + turn_rad / 2
        target = forward_m * UNITS_PER_M * np.array([math.cos(direction), math.sin(direction)])
        needed = target - np.array(self._variables("VELOCITY_X", "VELOCITY_Y"))
        after = before.yaw + turn_rad
        forward = needed @ [math.cos(after), math.sin(after)]
        right = needed @ [math.sin(after), -math.cos(after)]
        # ViZDoom turns clockwise for positive values.
        thrust = [round(THRUSTS_PER_UNIT * forward), round(THRUSTS_PER_UNIT * right)]
        self._game.make_action([*thrust, -math.degrees(turn_rad)], 1)
        self._track_yaw()
        now = self.pose
        moved = UNITS_PER_M * np.array([now.x - before.x, now.y - before.y])
        # Thrusts are whole numbers: half of one each way is rounding, not an obstacle.
        missed, wanted = float(np.linalg.norm(target - moved)), float(np.linalg.norm(target))
        return missed > max(0.3 * wanted, 0.03)

    def render(self) -> NDArray[np.uint8]:
        """What the camera sees from the present pose; RGB uint8 [height, width, 3]."""
        screen: NDArray[np.uint8] = self._game.get_state().screen_buffer
        return screen.copy()

    def reset(self) -> None:
        """Back to where the map starts, at rest."""
        self._game.new_episode()
        self._game.send_game_command("god")
        self._game.make_action([0, 0, 0], WARM_UP_TICS)
        self._track_yaw()

    def place(self, x: float, y: float, yaw: float) -> None:
        """Put the body at a free place (m, map frame; whole map units) with a heading (rad), at
        rest.
        """
        # What it has of speed it would take along.
        self._game.make_action([0, 0, 0], SETTLE_TICS)
        self._game.send_game_command(f"warp {x * UNITS_PER_M:.0f} {y * UNITS_PER_M:.0f}")
        # It falls to the floor, and the camera glides after it.
        self._game.make_action([0, 0, 0], SETTLE_TICS)
        self._track_yaw()
        turn = math.remainder(yaw - self._yaw, math.tau)
        self._game.make_action([0, 0, -math.degrees(turn)], 1)
        self._track_yaw()

    def close(self) -> None:
        """End the game and remove its files."""
        self._game.close()
        self._folder.cleanup()

    def __enter__(self) -> World:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
