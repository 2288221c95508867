"""Subjects are cut out and put before a ground without colour; nothing else is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import draw_sets
from tests.training.tiny import metrics, quiet, tiny, with_tuning
from training.augment import crop
from training.backdrop import CutOut, before_backdrop
from training.pack import Pack, prepare
from training.pretrain import Pretraining
from training.sources import CLASSES, VOID

RED, BLUE = (200, 60, 40), (40, 90, 220)
LEFT = slice(0, 30)
SHOWN = {"dog": "dog", "bird": "bird", "both": "dog", "nothing": ""}
"""What each picture shows at its left; `both` has a bird, too."""


@pytest.fixture(scope="module")
def cut_out(tmp_path_factory: pytest.TempPathFactory) -> CutOut:
    """Return red subjects before a blue ground, and scenes without masks."""
    root = tmp_path_factory.mktemp("cut")
    draw_sets(root)
    (root / "voc" / "masks").mkdir()
    rows = ["id,split,labels,gray"]
    for place, (name, shown) in enumerate(SHOWN.items()):
        picture = np.full((64, 72, 3), BLUE, np.uint8)
        picture[:, LEFT] = RED
        picture[place, :, 0] ^= 8  # so that no picture is another's duplicate
        mask = np.zeros((64, 72), np.uint8)
        if shown:
            mask[:, LEFT] = CLASSES["voc"].index(shown)
            mask[:, LEFT.stop : LEFT.stop + 2] = VOID
        if name == "both":
            mask[60:, 60:] = CLASSES["voc"].index("bird")
        Image.fromarray(picture).save(
            root / "voc" / "images" / f"{name}.jpg", quality=95, subsampling=0
        )
        Image.fromarray(mask).save(root / "voc" / "masks" / f"{name}.png")
        rows.append(f"{name},train_aug,{shown},0")
    (root / "voc" / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    prepare(root, root / "pack", ["voc", "scenes"])
    return CutOut(root / "pack")


def picture_of(pack: CutOut, name: str) -> np.ndarray:
    [entry] = [each for each in pack.entries if Path(each.file).stem == name]
    return pack.picture(entry)


def test_only_what_may_stand_in_a_studio_is_cut_out(cut_out: CutOut) -> None:
    dog = picture_of(cut_out, "dog")
    assert dog.shape == (64, 72, 4)
    assert (dog[:, : LEFT.stop, 3] == 255).mean() > 0.95
    assert (dog[:, LEFT.stop + 5 :, 3] == 0).all()
    for name in ("bird", "both"):
        assert (picture_of(cut_out, name)[..., 3] == 255).all()
    assert (picture_of(cut_out, "nothing")[..., 3] == 0).all()
    scenes = [each for each in cut_out.entries if each.source == "scenes"]
    assert all((cut_out.picture(each)[..., 3] == 255).all() for each in scenes)


def test_the_ground_loses_its_colour_and_the_subject_keeps_it(cut_out: CutOut) -> None:
    dog, shades = picture_of(cut_out, "dog"), []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        seen = before_backdrop(dog, 64, rng, 1.0, least=1.0).astype(int)
        assert seen.shape == (64, 64, 3)
        red = np.abs(seen - RED).max(-1) < 40
        grey = np.ptp(seen, axis=-1) <= 2
        assert red.any()
        assert grey.any()
        assert (red | grey).mean() > 0.9  # the rest is where they blend
        assert (np.abs(seen - BLUE).max(-1) < 40).mean() < 0.05  # a rim is doubtful
        shades.append(seen[grey].mean())
    assert np.ptp(shades) > 60


@pytest.mark.parametrize(
    ("name", "share"), [("dog", 0.0), ("bird", 1.0), ("nothing", 1.0)]
)
def test_other_pictures_are_only_cut(cut_out: CutOut, name: str, share: float) -> None:
    picture = picture_of(cut_out, name)
    rng, twin = np.random.default_rng(4), np.random.default_rng(4)
    twin.random()  # whether there is a backdrop
    found = before_backdrop(picture, 32, rng, share, least=0.5, turn=10.0)
    assert np.array_equal(found, crop(picture[..., :3], 32, twin, 0.5, 10.0))


def test_a_colorizer_learns_from_them(cut_out: CutOut, tmp_path: Path) -> None:
    recipe = tiny(backdrop=1.0, steps=3, validate_every=3)
    pack = with_tuning(Pack(cut_out.folder))
    assert Pretraining(recipe, pack, tmp_path, quiet).run()
    assert all(np.isfinite(value) for _, value in metrics(tmp_path)["loss"])
