"""Backbones of every kind become one graph, and what the graph
computes is what the network does.
"""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import torchvision
from torch import nn

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat_trainer.bundling.export_onnx import export_encoder
from slowfeat_trainer.config.backbone_spec import is_installed, parse_backbone
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.models.backbone_map import BackboneMapNet, MapHead
from slowfeat_trainer.models.backbones.build import frozen_backbone, whole_backbone
from slowfeat_trainer.models.backbones.taps import last_of_each_stride
from slowfeat_trainer.models.convnet import Cropped
from slowfeat_trainer.models.onnx_export import to_onnx

SIZE, GRID = (32, 64), (4, 8)
NAME = "torchvision:mobilenet_v3_small:none"


class Small(nn.Module):
    """Strides 2, 4 and 8, the last with a head of one size behind it."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layers = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1) for i, o in ((3, 4), (4, 5), (5, 6)))
        self.head = nn.Linear(6 * 4 * 4, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = torch.relu(layer(x))
        return torch.as_tensor(self.head(x.flatten(1)))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (6, *SIZE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("onnx") / "small.onnx"
    onnx.save(to_onnx(Small(), {"x": torch.zeros(1, 3, 32, 32)}, ["y"]), str(file))
    return file


def encoder_of(text: str, images: np.ndarray, tuned: bool = False) -> BackboneMapNet:
    torch.manual_seed(0)
    if tuned:
        whole, identity = whole_backbone(text, SIZE, GRID)
        found = BackboneMapNet(whole, identity, MapHead(whole.layout, 3, 2.0, 8), SIZE)
    else:
        graph = frozen_backbone(text, SIZE, GRID)
        found = BackboneMapNet(graph, graph.identity, MapHead(graph.layout, 3, 2.0, 8), SIZE)
    found.fit_to(FrameStack([images]))
    return found.eval()


def run(model: bytes, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["embedding"], {"image": images})[0])


def test_a_network_of_torch_frozen_and_to_be_tuned_sees_the_same(images: np.ndarray) -> None:
    frozen, tuned = (encoder_of(NAME, images, t) for t in (False, True))
    tuned.head.load_state_dict(frozen.head.state_dict())
    with torch.no_grad():
        a, b = (e(torch.from_numpy(images)).numpy() for e in (frozen, tuned))
    assert a.shape == (6, 3 * 4 * 8 + 8)
    np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
    assert frozen.identity.sha256 == tuned.identity.sha256


def test_an_onnx_file_becomes_the_encoder_whole_with_its_crop(
    images: np.ndarray, network_file: Path
) -> None:
    encoder = encoder_of(f"onnx:{network_file}", images)
    assert encoder.frozen is not None
    assert encoder.frozen.layout.levels == (5, 6)
    exported = export_encoder(encoder, SIZE)
    with torch.no_grad():
        expected = encoder(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(run(exported, images), expected, rtol=1e-4, atol=1e-5)
    # The first level by hand: what was tapped is the network's own layer, on the grid by areas.
    network = Small()
    x = (torch.from_numpy(images).permute(0, 3, 1, 2).float() - 127) / 128
    with torch.no_grad():
        level = torch.relu(network.layers[1](torch.relu(network.layers[0](x))))
        first = nn.functional.avg_pool2d(level, 2)
    features = torch.from_numpy(encoder.frozen(images))
    np.testing.assert_allclose(
        encoder.frozen.layout.split(features)[0][:, :5], first, rtol=1e-4, atol=1e-5
    )
    # Behind a crop of the upper half the robot sends whole images.
    shrink = Shrink(SIZE, (0.5, 0.0, 0.0, 0.0))
    whole = np.zeros((2, *shrink.whole, 3), np.uint8)
    row, column = shrink.corner
    whole[:, row : row + SIZE[0], column : column + SIZE[1]] = images[:2]
    cropped = export_encoder(Cropped.around(encoder, shrink), shrink.whole)
    np.testing.assert_allclose(run(cropped, whole), expected[:2], rtol=1e-4, atol=1e-5)


def test_tensors_of_a_file_are_taken_by_name_and_unknown_ones_refused(network_file: Path) -> None:
    model = onnx.load(str(network_file))
    first = next(n.output[0] for n in model.graph.node if n.op_type == "Relu")
    graph = frozen_backbone(f"onnx:{network_file}:{first}", SIZE, GRID)
    assert graph.layout.levels == (4,)
    with pytest.raises(UsageError, match="no tensor 'nothing'"):
        frozen_backbone(f"onnx:{network_file}:nothing", SIZE, GRID)
    with pytest.raises(UsageError, match="no feature map"):
        frozen_backbone(f"onnx:{network_file}:{model.graph.node[-1].output[0]}", (32, 32), GRID)


def test_what_is_no_network_of_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        frozen_backbone(f"onnx:{tmp_path / 'none.onnx'}", SIZE, GRID)
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(UsageError, match="cannot be read as an ONNX model"):
        frozen_backbone(f"onnx:{tmp_path / 'text.onnx'}", SIZE, GRID)


def test_names_that_nobody_knows_are_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="say small"):
        parse_backbone("resnet18")
    with pytest.raises(UsageError, match=r"close: .*resnet18"):
        frozen_backbone("torchvision:resnet17", SIZE, GRID)
    with pytest.raises(UsageError, match="there are IMAGENET1K_V1, none"):
        frozen_backbone("torchvision:resnet18:BEST_OF_ALL", SIZE, GRID)


def test_without_a_network_the_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torchvision.models, "get_model", unreachable)
    with pytest.raises(
        UsageError, match=r"could not be fetched from https.*small, which need no network"
    ):
        frozen_backbone("torchvision:resnet18", SIZE, GRID)


def test_a_file_of_weights_is_another_backbone(tmp_path: Path) -> None:
    network = torchvision.models.get_model("mobilenet_v3_small", weights=None)
    file = tmp_path / "mine.pth"
    torch.save(network.state_dict(), file)
    mine = frozen_backbone(f"torchvision:mobilenet_v3_small:{file}", SIZE, GRID)
    assert mine.identity.name == "torchvision:mobilenet_v3_small:mine.pth"
    assert mine.identity.sha256 != frozen_backbone(NAME, SIZE, GRID).identity.sha256


def test_a_head_learned_on_other_weights_is_refused(images: np.ndarray) -> None:
    encoder = encoder_of(NAME, images)
    state = encoder.state_dict()
    state["backbone_sha256"] = state["backbone_sha256"].flip(0)
    with pytest.raises(SlowfeatError, match="another version of the backbone"):
        encoder.load_state_dict(state)


def test_of_each_stride_the_last_of_the_narrowest_is_taken() -> None:
    shapes = {
        "wide": (1, 64, 8, 16),
        "block": (1, 16, 8, 16),
        "next": (1, 16, 8, 16),
        "expanded": (1, 96, 8, 16),
        "half": (1, 24, 4, 8),
        "vector": (1, 24),
    }
    assert last_of_each_stride(shapes, (32, 64), "net") == ["next", "half"]
    with pytest.raises(UsageError, match="nothing in it"):
        last_of_each_stride({"vector": (1, 24)}, (32, 64), "net")


@pytest.mark.skipif(not is_installed(), reason="the extra pretrained is not installed")
def test_the_pretrained_network_comes_with_its_licence(images: np.ndarray) -> None:
    graph = frozen_backbone("efficientnet-lite0", SIZE, GRID)
    assert graph.identity.licence == "Apache-2.0"
    assert graph.layout.levels == (24, 40, 80, 112)
    assert np.isfinite(graph(images)).all()
