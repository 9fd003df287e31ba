"""One simulated drive from start to end: the world, the driver and the recorder together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from slowfeat.errors import UsageError
from slowfeat.printable import raw_stderr
from slowfeat_trainer.simulation.bag_messages import Twist, twist_between
from slowfeat_trainer.simulation.doom_camera import Camera
from slowfeat_trainer.simulation.driver import DriveConfig, Driver
from slowfeat_trainer.simulation.odometer import Odometer, OdometryErrors
from slowfeat_trainer.simulation.recorder import START_NS, STORAGES, check_output, record
from slowfeat_trainer.simulation.world import World

# Odometry comes about this often, Hz: a whole number of times for every image.
ODOMETRY_RATE = 50.0
MAX_RATE = 100.0


@dataclass(frozen=True)
class SimulationConfig:
    """What to drive and how to record it."""

    # One of world.list_maps().
    map_name: str = "MAP01"
    # Of the driver's choices.
    seed: int = 0
    # Length of the drive, s.
    seconds: float = 60.0
    # Images a second.
    rate: float = 10.0
    # (width, height) of the images in pixels, 4:3.
    size: tuple[int, int] = (160, 120)
    # Horizontal field of view of the lens in degrees, 40 to 90.
    fov_deg: float = 90.0
    # How the robot drives.
    drive: DriveConfig = field(default_factory=DriveConfig)
    # How the odometry errs; by default it has no errors.
    odometry: OdometryErrors = field(default_factory=OdometryErrors)
    # "mcap" or "sqlite3".
    storage: str = "mcap"
    # 1 to 100; None records raw images.
    jpeg_quality: int | None = 90

    def validate(self) -> None:
        """Raise `UsageError` for what cannot be recorded."""
        if not 0 < self.rate <= MAX_RATE:
            raise UsageError(
                f"the rate must be above 0, at most {MAX_RATE:g} Hz: not {self.rate:g}"
            )
        if not (math.isfinite(self.seconds) and self.seconds * self.rate >= 2):
            raise UsageError(f"{self.seconds:g} s at {self.rate:g} Hz: a bag needs two images")
        if not (self.drive.speed > 0 and self.drive.turn_rate > 0):
            raise UsageError("the robot needs a speed and a turn rate above 0")
        self.odometry.validate()
        if self.jpeg_quality is not None and not 1 <= self.jpeg_quality <= 100:
            raise UsageError(f"JPEG quality is 1 to 100: not {self.jpeg_quality}")
        if self.storage not in STORAGES:
            raise UsageError(f"storage is one of {', '.join(STORAGES)}: not {self.storage}")


@dataclass
class Summary:
    """What a drive came to."""

    frames: int = 0
    duration_s: float = 0.0
    distance_m: float = 0.0
    turned_left_rad: float = 0.0
    turned_right_rad: float = 0.0
    # Share of the time that something was in the way.
    blocked: float = 0.0
    # Square metres of the map that the body's centre passed through.
    covered_m2: int = 0


def simulate(
    out: Path, config: SimulationConfig, *, overwrite: bool = False, progress: bool = True
) -> Summary:
    """Drive through a map and leave the bag in `out`.

    Every tic gives an odometry message, every k-th an image of exactly that moment.
    """
    config.validate()
    check_output(out, overwrite)
    camera = Camera(*config.size, config.fov_deg)
    tics_per_frame = max(1, round(ODOMETRY_RATE / config.rate))
    tic_s = 1.0 / (config.rate * tics_per_frame)
    frames = round(config.seconds * config.rate)
    summary = Summary(frames=frames, duration_s=frames / config.rate)

    with (
        World(config.map_name, camera.rendered_size, config.seed) as world,
        record(
            out,
            camera,
            storage=config.storage,
            jpeg_quality=config.jpeg_quality,
            overwrite=overwrite,
        ) as recorder,
        # disable=None: no bar when the output is not a terminal.
        tqdm(
            total=frames, unit="frame", disable=None if progress else True, file=raw_stderr()
        ) as bar,
    ):
        driver = Driver(world.level.walls, config.drive, tic_s, config.seed)
        pose = world.pose
        odometer = Odometer(pose, config.seed, config.odometry)
        said, twist = odometer.pose, Twist(0.0, 0.0, 0.0, 0.0)
        ahead_ns = round(config.odometry.ahead_s * 1e9)
        blocked = False
        places = set()
        recorder.static_transforms(START_NS)
        # One tic more than the frames need: odometry lies on both sides of every image.
        for tic in range(frames * tics_per_frame + 1):
            stamp_ns = START_NS + round(tic * tic_s * 1e9)
            recorder.odometry(stamp_ns - ahead_ns, said, twist)
            if tic % tics_per_frame == 0 and tic < frames * tics_per_frame:
                recorder.picture(stamp_ns, camera.expose(world.render()))
                bar.update()
            blocked = world.move(*driver.step(pose, blocked))
            before, pose = pose, world.pose
            said_before, said = said, odometer.step(pose, tic_s)
            twist = twist_between(said_before, said, tic_s)
            summary.distance_m += math.hypot(pose.x - before.x, pose.y - before.y)
            summary.turned_left_rad += max(0.0, pose.yaw - before.yaw)
            summary.turned_right_rad += max(0.0, before.yaw - pose.yaw)
            summary.blocked += blocked / (frames * tics_per_frame + 1)
            places.add((math.floor(pose.x), math.floor(pose.y)))
        summary.covered_m2 = len(places)
    return summary
