"""Torch's scheduler source is run without torch, leaves no trace of it, and is used only where that is certain."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from torch.optim import lr_scheduler as torch_lr

from lrviz.engine import torch_source
from lrviz.engine.backend import choose, imported_backend, source_backend
from lrviz.engine.torch_source import load_file
from lrviz.errors import ScheduleError
from lrviz.schedule import catalogue
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

INSTALLED = Path(torch_lr.__file__)
STEP = "{type: StepLR, step_size: 3}"


def python(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- load: no trace -----------------------------------------------------------------------------------------

BEFORE = """
    import sys
    import bisect, collections, functools, math, types, typing, typing_extensions, warnings, weakref
    from pathlib import Path
    from lrviz.engine import torch_source
    before = dict(sys.modules)
"""
AFTER = """
    assert list(sys.modules) == list(before), set(sys.modules) ^ set(before)
    assert all(sys.modules[name] is module for name, module in before.items())
"""


def test_load_leaves_sys_modules_as_it_was() -> None:
    printed = python(f"{BEFORE}\n    print(torch_source.load().StepLR.__name__)\n{AFTER}")
    assert printed == "StepLR\n"


@pytest.mark.parametrize("last_line", ["from .optimizer import _multi_tensor", "raise ImportError", "x = 1 +"])
def test_load_leaves_sys_modules_as_it_was_when_it_fails(tmp_path: Path, last_line: str) -> None:
    folder = tmp_path / "torch" / "optim"
    folder.mkdir(parents=True)
    (folder / "lr_scheduler.py").write_text(f"{INSTALLED.read_text('utf-8')}\n{last_line}\n", "utf-8")
    printed = python(f"""{BEFORE}
    torch_source.torch_folder = lambda: Path({str(folder.parent)!r})
    print(torch_source.load())
    {AFTER}""")
    assert printed == "None\n"


def test_what_load_imports_is_not_of_torch() -> None:
    printed = python("""
        import sys
        from lrviz.engine import torch_source
        before = set(sys.modules)
        torch_source.load()
        print({name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)
        """)
    assert printed in ("{'typing_extensions'}\n", "set()\n")


def test_a_simulation_imports_neither_torch_nor_numpy() -> None:
    printed = python("""
        import sys
        from lrviz.engine.simulate import simulate
        from lrviz.loading import load_text
        text = "epochs: 5\\noptimizer: {lr: 1}\\nscheduler: {type: ExponentialLR, gamma: 0.5}"
        curve = simulate(load_text(text, "test.yaml")[0])
        print(curve.columns[0].tolist(), curve.end_lr)
        print([name for name in ("torch", "numpy", "matplotlib") if name in sys.modules])
        """)
    assert printed == "[1.0, 0.5, 0.25, 0.125, 0.0625] (0.03125,)\n[]\n"


def test_load_reads_the_installed_torch() -> None:
    module = torch_source.load()
    assert module is not None
    assert module.__file__ == torch_lr.__file__
    assert module.StepLR is not torch_lr.StepLR


def test_load_has_every_scheduler_that_the_catalogue_says_it_has() -> None:
    module = torch_source.load()
    for name, entry in catalogue.SCHEDULERS.items():
        assert hasattr(module, name) == (entry.module == "torch.optim.lr_scheduler")


# --- load_file: only what is certain ------------------------------------------------------------------------


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of torch's file with one change."""
    text = INSTALLED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "lr_scheduler.py"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


TOP = "from torch import inf, Tensor\n"
STEP_BODY = "        if (self.last_epoch == 0) or (self.last_epoch % self.step_size != 0):\n"


def test_a_copy_of_the_installed_file_is_run(tmp_path: Path) -> None:
    assert load_file(changed(tmp_path, TOP, TOP)) is not None


@pytest.mark.parametrize(
    "fine",
    [
        "import bisect as b, os.path\n",
        "from torch import Tensor\nfrom torch import inf as inf\n",
        "if 0:\n    import re\n",
    ],
)
def test_other_known_imports_are_fine(tmp_path: Path, fine: str) -> None:
    assert load_file(changed(tmp_path, TOP, TOP + fine)) is not None


@pytest.mark.parametrize(
    "more",
    [
        "from torch import inf, Tensor, nn\n",
        "from torch import *\n",
        "import torch\n",
        "import torch as t\n",
        "import torch.nn\n",
        "from torch.utils import _pytree\n",
        "from .optimizer import _foreach_doc\n",
        "from .optimizer import *\n",
        "from . import optimizer\n",
        "from .. import nn\n",
        "from .swa_utils import SWALR\n",
        "import numpy\n",
        "if math.pi < 3:\n    import torch\n",
        "try:\n    import torch._dynamo\nexcept ImportError:\n    pass\n",
        "class Inner:\n    import torch\n",
        "later = lambda: __import__\ndef unused():\n    def deeper():\n        import torch\n",
    ],
)
def test_one_import_too_many_at_the_top_is_refused(tmp_path: Path, more: str) -> None:
    assert load_file(changed(tmp_path, TOP, TOP + more)) is None


@pytest.mark.parametrize(
    "more", ["import torch", "from torch import nn", "from ..nn import Module", "import torch.optim", "import numpy"]
)
def test_one_import_too_many_inside_of_a_function_is_refused(tmp_path: Path, more: str) -> None:
    assert load_file(changed(tmp_path, STEP_BODY, f"        {more}\n{STEP_BODY}")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TOP, TOP + "def broken(:\n"),
        (TOP, TOP + "raise ImportError('no')\n"),
        ("class StepLR(LRScheduler):", "class StepLR(Optimizer.no_such_attribute):"),
        ("class StepLR(LRScheduler):", "class StepLR(inf):"),
    ],
)
def test_a_file_that_does_not_run_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert load_file(changed(tmp_path, old, new)) is None


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert load_file(tmp_path / "lr_scheduler.py") is None
    assert load_file(tmp_path) is None


def test_without_its_scheduler_file_torch_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_source, "torch_folder", lambda: tmp_path)
    assert torch_source.load.__wrapped__() is None
    monkeypatch.setattr(torch_source, "torch_folder", lambda: None)
    assert torch_source.load.__wrapped__() is None


# --- choose -------------------------------------------------------------------------------------------------

SOURCE, IMPORT = source_backend(torch_source.load() or torch_lr).name, imported_backend().name


@pytest.fixture
def without_torch_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as `choose` can tell: torch is installed, and nobody has imported it."""
    monkeypatch.delitem(sys.modules, "torch")


def chosen(read: Schedule, engine: str = "auto") -> str:
    return choose(read, engine).name  # type: ignore[arg-type]


def text_of(optimizer: str = "{lr: 0.1}", scheduler: str = STEP) -> str:
    return f"epochs: 5\noptimizer: {optimizer}\nscheduler: {scheduler}"


def test_the_two_backends_have_different_names() -> None:
    assert SOURCE != IMPORT


@pytest.mark.usefixtures("without_torch_imported")
@pytest.mark.parametrize(
    "text",
    [
        text_of(),
        text_of(scheduler="none"),
        text_of("{type: AdamW, lr: 0.1, foreach: null, amsgrad: true}"),
        text_of("{type: SGD, lr: 0.1, foreach: false}"),
        text_of(scheduler="{type: ChainedScheduler, schedulers: [{type: SequentialLR, schedulers: [{type: LinearLR}],"
                          " milestones: []}]}"),
    ],
)  # fmt: skip
def test_the_source_is_chosen_where_nothing_asks_for_more(schedule: Read, text: str) -> None:
    assert chosen(schedule(text)) == SOURCE


@pytest.mark.usefixtures("without_torch_imported")
@pytest.mark.parametrize("optimizer", [name for name, entry in catalogue.OPTIMIZERS.items() if entry.stand_in])
def test_the_source_is_chosen_for_most_optimizers(schedule: Read, optimizer: str) -> None:
    assert chosen(schedule(text_of(f"{{type: {optimizer}, lr: 0.1}}"))) == SOURCE


@pytest.mark.usefixtures("without_torch_imported")
@pytest.mark.parametrize(
    "text",
    [
        text_of(scheduler="{type: SWALR, swa_lr: 0.1}"),
        text_of(scheduler="{type: ChainedScheduler, schedulers: [{type: SequentialLR, milestones: [2],"
                          " schedulers: [{type: LinearLR}, {type: SWALR, swa_lr: 0.1}]}]}"),
        text_of("{type: Muon, lr: 0.1}"),
        text_of("{type: Adafactor, lr: 0.1}"),
        text_of("{type: Rprop, lr: 0.1}"),
        text_of("{type: LBFGS, lr: 0.1}"),
        text_of("{type: SGD, lr: 0.1, foreach: true}"),
        text_of("{type: AdamW, lr: 0.1, fused: true}"),
        text_of("{type: AdamW, lr: 0.1, capturable: true}"),
        text_of("{type: AdamW, lr: 0.1, differentiable: true}"),
        text_of("{type: SGD, groups: [{lr: 0.1}, {lr: 0.1, foreach: true}]}"),
        text_of("{type: AdamW, lr: 0.1, groups: [{fused: true}]}"),
    ],
)  # fmt: skip
def test_torch_is_imported_where_the_source_is_not_certain(schedule: Read, text: str) -> None:
    assert chosen(schedule(text)) == IMPORT


@pytest.mark.usefixtures("without_torch_imported")
def test_torch_is_imported_when_it_is_asked_for(schedule: Read) -> None:
    assert chosen(schedule(text_of()), "torch") == IMPORT


@pytest.mark.usefixtures("without_torch_imported")
def test_torch_is_imported_when_its_source_is_not_usable(schedule: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_source, "load", lambda: None)
    assert chosen(schedule(text_of())) == IMPORT


def test_an_imported_torch_is_used(schedule: Read) -> None:
    assert "torch" in sys.modules
    assert chosen(schedule(text_of())) == IMPORT


@pytest.mark.usefixtures("without_torch_imported")
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_without_any_torch_the_schedule_says_what_to_install(
    schedule: Read, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(torch_source, "torch_folder", lambda: None)
    torch_source.load.cache_clear()
    try:
        with pytest.raises(ScheduleError) as caught:
            chosen(schedule(text_of()), engine)
    finally:
        torch_source.load.cache_clear()
    assert str(caught.value) == "test.yaml:1:1: error: torch is not installed\n  hint: pip install torch"


# --- where torch is, and which ------------------------------------------------------------------------------


def test_the_version_is_torchs_own_without_importing_it() -> None:
    printed = python("""
        import sys
        from lrviz.engine.torch_source import torch_version
        print(torch_version(), "torch" in sys.modules)
        """)
    assert printed == f"{torch.__version__} False\n"


@pytest.mark.usefixtures("without_torch_imported")
def test_the_folder_is_that_of_the_torch_that_python_would_import() -> None:
    assert torch_source.torch_folder() == Path(torch.__file__).parent


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("from typing import Optional\n__all__ = ['__version__']\n__version__ = '2.9.1+cu128'\ncuda = '12.8'\n",
         "2.9.1+cu128"),
        ('__version__ = "2.4.1"\n', "2.4.1"),
        ("cuda = None\n", None),
        (None, None),
    ],
)  # fmt: skip
def test_the_version_is_read_from_torchs_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, version: str | None
) -> None:
    if text is not None:
        (tmp_path / "version.py").write_text(text)
    monkeypatch.setattr(torch_source, "torch_folder", lambda: tmp_path)
    assert torch_source.torch_version() == version


def test_without_torch_there_is_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_source, "torch_folder", lambda: None)
    assert torch_source.torch_version() is None
