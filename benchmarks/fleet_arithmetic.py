"""From measured rates and stated assumptions to a fleet's day: frames,
bytes, machines, hours, cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from fleet_rates import Rates

HOUR_S = 3600.0


@dataclass(frozen=True)
class Assumptions:
    """What was not measured."""

    robots: int = 1000
    hours_a_day: float = 1.0
    # Of a machine that is rented, and the price of a core for an hour, in dollars.
    cores_per_machine: int = 64
    core_hour_price: float = 0.04
    # A GPU does the updates of so many cores, at this price an hour. No GPU was at hand.
    cores_per_gpu: float = 200.0
    gpu_hour_price: float = 2.5
    # How often a frame is looked at before the next day's frames take its place.
    passes: float = 1.0
    # From a robot to the store.
    uplink_mbit_s: float = 20.0
    # Of the store: price of a gigabyte for a month, and days that bags and datasets stay.
    gb_month_price: float = 0.023
    bag_days: float = 30.0
    dataset_days: float = 365.0


@dataclass(frozen=True)
class Day:
    """A fleet's day; where there are three numbers, for the least, the median and
    the most of the measured rounds.
    """

    pictures: float
    frames: float
    bag_bytes: float
    dataset_bytes: float
    # Hours that one robot's uplink is busy.
    upload_h: float
    ingest_core_h: list[float]
    # Of the part of ingest that one process does for each command: reading and hashing.
    reading_h: list[float]
    updates: float
    training_core_h: list[float]
    gpu_h: list[float]
    # Bytes of bundles sent to all robots.
    bundle_bytes: float
    # Dollars: of ingest, of training on cores and on GPUs, and of the store at its fullest for a
    # day.
    ingest_cost: list[float]
    training_cost: list[float]
    gpu_cost: list[float]
    store_cost: float


def day_of(rates: Rates, assumed: Assumptions) -> Day:
    """The arithmetic."""
    robot_hours = assumed.robots * assumed.hours_a_day
    robot_s = robot_hours * HOUR_S
    frames = rates.frames_per_s * robot_s
    updates = assumed.passes * frames / rates.frames_per_update
    # CPU seconds for a second of a bag are core-hours for an hour of it.
    ingest = [s * robot_hours for s in rates.ingest_s_per_s]
    training = [s * updates / HOUR_S for s in rates.update_s]
    gpu = [hours / assumed.cores_per_gpu for hours in training]
    bag_bytes, dataset_bytes = (
        rates.bag_bytes_per_s * robot_s,
        rates.dataset_bytes_per_frame * frames,
    )
    stored = bag_bytes * assumed.bag_days + dataset_bytes * assumed.dataset_days
    return Day(
        pictures=rates.pictures_per_s * robot_s,
        frames=frames,
        bag_bytes=bag_bytes,
        dataset_bytes=dataset_bytes,
        upload_h=rates.bag_bytes_per_s * assumed.hours_a_day * 8 / (assumed.uplink_mbit_s * 1e6),
        ingest_core_h=ingest,
        reading_h=[s * robot_hours for s in rates.reading_s_per_s],
        updates=updates,
        training_core_h=training,
        gpu_h=gpu,
        bundle_bytes=rates.bundle_bytes * assumed.robots,
        ingest_cost=[hours * assumed.core_hour_price for hours in ingest],
        training_cost=[hours * assumed.core_hour_price for hours in training],
        gpu_cost=[hours * assumed.gpu_hour_price for hours in gpu],
        store_cost=stored / 1e9 * assumed.gb_month_price / 30,
    )


def machines(core_hours: float, within_h: float, cores: int) -> float:
    """Machines of so many cores that do so many core-hours within some hours."""
    return core_hours / (cores * within_h)
