"""The geometry of a camera: its weights of before a parameter was renamed load too."""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry, rotation_matrix


def test_weights_with_the_former_name_of_the_mirror_parameter_load() -> None:
    geometry = CameraGeometry((1.5, 2.0), None)
    older = {k: v.clone() for k, v in geometry.state_dict().items()}
    older["mirror_xi"] = torch.full_like(older.pop("mirror_xi"), 0.3)
    parent = torch.nn.ModuleDict({"geometry": geometry})
    parent.load_state_dict({f"geometry.{k}": v for k, v in older.items()})
    assert geometry.lens()[1].item() == pytest.approx(0.3)


def test_a_rotation_matrix_turns_by_the_length_of_its_vector() -> None:
    quarter = rotation_matrix(torch.tensor([[0.0, 0.0, torch.pi / 2]]))[0]
    torch.testing.assert_close(quarter @ torch.tensor([1.0, 0, 0]), torch.tensor([0.0, 1, 0]))


def test_a_camera_at_the_bodys_origin_that_looks_ahead_sees_forward_as_depth() -> None:
    geometry = CameraGeometry((1.0, 1.0), None)
    forward = torch.tensor([[0.5, 0.0, 0.0, 0.0, 0.0, 0.0]])
    torch.testing.assert_close(
        geometry.camera_motion(forward), torch.tensor([[0.0, 0.0, 0.5, 0.0, 0.0, 0.0]])
    )
