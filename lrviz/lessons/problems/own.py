"""A problem of the user's own: a function that makes a `Setup`, named as `module:function` and run with `--trust`.

Whatever it does wrong is told as its own fault, and where: when it is imported, when it is called, in what it returns,
and in every step of a training.
"""

from __future__ import annotations

import inspect
import math
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lrviz.engine.own import working_directory_searched
from lrviz.engine.refusal import words
from lrviz.errors import Position, ScheduleError
from lrviz.lessons.setup import Setup, TrainingProblem
from lrviz.schedule.text.suggest import did_you_mean

if TYPE_CHECKING:
    import torch

EPOCHS = 10

HOUSE = str(Path(__file__).parents[2])
"""The folder of lrviz itself."""

RETURNS = "it returns lrviz.Setup(model, batches, loss, validate), or such a tuple"


def is_own(text: str) -> bool:
    """True for a text that has the form `package.module:function`."""
    module, _, name = text.partition(":")
    return all(part.isidentifier() for dotted in (module, name) for part in dotted.split("."))


def own_problem(text: str, where: Position) -> TrainingProblem:
    """The problem of the function at `module:function`, which is imported here. It is called with the seed for every
    training, and once before, for the number of its batches; it makes its own batches, of whatever size."""
    own = OwnCode(text, where)
    function = own.found()

    def make(seed: int, batch_size: int | None) -> Setup:
        with own.doing("making the setup"), working_directory_searched():
            made = function(seed)
        return own.checked(made)

    return TrainingProblem(text, EPOCHS, None, make, refused=own.error)


@dataclass(frozen=True)
class OwnCode:
    """The function at `text`, as errors name it."""

    text: str
    where: Position

    def refuse(self, message: str, hint: str = "") -> NoReturn:
        """Raises the error for what the function is or does, as a sentence about it."""
        raise ScheduleError.at(self.where, f"{self.text} {message}", hint)

    def error(self, doing: str, error: BaseException) -> ScheduleError:
        """The error for an exception that its code raised."""
        said = f"exits the program ({error.code})" if isinstance(error, SystemExit) else words(error)
        place = place_of(error)
        at = f" at {place}" if place else ""
        return ScheduleError.at(self.where, f"{self.text}: its own code fails {doing}{at}: {said}")

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Makes whatever its code raises an error. What it prints goes to standard error."""
        try:
            with redirect_stdout(sys.stderr):
                yield
        except ScheduleError:
            raise
        except (Exception, SystemExit) as error:
            raise self.error(what, error) from error
        finally:
            sys.stderr.flush()  # what is left at the end would be discarded

    def found(self) -> Callable[[int], Any]:
        """The function; its module is imported."""
        name, _, path = self.text.partition(":")
        with self.doing("when it is imported"), working_directory_searched():
            try:
                module: Any = import_module(name)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                    raise
                file = f"{error.name.replace('.', os.sep)}.py"
                message = f"there is no module {error.name!r} for {self.text}"
                hint = f"a file {file} in the working directory, or a package that is installed"
                if name.endswith(".py"):  # the file itself
                    hint = f"write {name.removesuffix('.py')}:{path}"
                raise ScheduleError.at(self.where, message, hint) from None
        found = module
        for part in path.split("."):
            if not hasattr(found, part):
                functions = [each for each, value in vars(found).items() if callable(value) and each[0] != "_"]
                self.refuse(f"does not exist: there is no {part!r} in {name}", did_you_mean(part, functions))
            found = getattr(found, part)
        if not callable(found):
            self.refuse(f"is no function ({type(found).__name__})", "a function that takes the seed")
        try:
            inspect.signature(found).bind(0)
        except TypeError as error:
            self.refuse(f"cannot be called with the seed alone: {error}", "a function that takes the seed")
        except ValueError:
            pass  # some callables of C have no signature; calling it will tell
        return found  # type: ignore[no-any-return]

    def checked(self, made: Any) -> Setup:
        """What the function returned, as a `Setup` whose every call is watched."""
        import torch

        if not isinstance(made, tuple) or len(made) != len(Setup._fields):
            more = f" of {len(made)}" if isinstance(made, tuple) else ""
            self.refuse(f"returns {_type(made)}{more}", RETURNS)
        model, batches, loss, validate = made
        if not isinstance(model, torch.nn.Module):
            self.refuse(f"returns as model {_type(model)}, which is no torch.nn.Module", RETURNS)
        if not any(each.requires_grad for each in model.parameters()):
            self.refuse("returns a model without parameters that train", RETURNS)
        for name, value in (("loss", loss), ("validate", validate)):
            if not callable(value):
                self.refuse(f"returns as {name} {_type(value)}, which cannot be called", RETURNS)
        with self.doing("telling the number of its batches"):
            try:
                size = len(batches)
            except TypeError:
                self.refuse(f"returns as batches {_type(batches)}, which has no length", "a DataLoader, or a list")
        if not hasattr(batches, "__iter__") and not hasattr(batches, "__getitem__"):
            self.refuse(f"returns as batches {_type(batches)}, which has no batches", "a DataLoader, or a list")
        return Setup(model, OwnBatches(self, batches, size), self._loss(loss), self._validate(validate))

    def _loss(self, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], torch.Tensor]:
        import torch

        def loss(model: Any, batch: Any) -> torch.Tensor:
            with self.doing("in its loss"):
                value = function(model, batch)
            if not isinstance(value, torch.Tensor):
                self.refuse(f"has a loss of {_type(value)}, which is no tensor", "return a scalar tensor")
            if value.numel() != 1 or value.is_complex():
                kind = "complex " if value.is_complex() else ""
                self.refuse(f"has a {kind}loss of shape {list(value.shape)}", "return a scalar, such as loss.mean()")
            if not value.requires_grad:
                self.refuse("has a loss that does not depend on a parameter", "compute it from what the model returns")
            return value

        return loss

    def _validate(self, function: Callable[[Any], Any]) -> Callable[[Any], float | tuple[float, float]]:
        def validate(model: Any) -> float | tuple[float, float]:
            with self.doing("in validate"):
                value = function(model)
            numbers = _numbers(value)
            if len(numbers) not in (1, 2):
                self.refuse(f"validates with {_type(value)}", "return the loss, or a pair of loss and accuracy")
            loss, *more = numbers
            if not more:
                return loss
            if not 0 <= more[0] <= 1 and math.isfinite(loss):
                self.refuse(f"validates with an accuracy of {more[0]:g}", "an accuracy is from 0 to 1")
            return loss, more[0]

        return validate


@dataclass(frozen=True)
class OwnBatches:
    """The batches of a user's own, whose exceptions are told."""

    own: OwnCode
    batches: Any
    size: int

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Any]:
        doing = "making a batch"
        with self.own.doing(doing):
            batches = iter(self.batches)
        while True:
            with self.own.doing(doing):
                try:
                    batch = next(batches)
                except StopIteration:
                    return
            yield batch


def _numbers(value: Any) -> list[float]:
    """The numbers of a result of `validate`; none if it has anything else in it."""
    pair = value if isinstance(value, tuple | list) else (value,)
    try:
        return [] if any(isinstance(each, str) for each in pair) else [float(each) for each in pair]
    except (TypeError, ValueError, RuntimeError):
        return []


def _type(value: Any) -> str:
    name = type(value).__name__
    return "nothing" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


# --- where it failed -----------------------------------------------------------------------------------------


def place_of(error: BaseException) -> str:
    """The deepest line of the user's own files that an exception went through, as `file.py:12`; empty for none."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if not _foreign(frame.filename)]
    if not mine or mine[-1].lineno is None:
        return ""
    file = Path(mine[-1].filename)
    here = Path.cwd()
    shown = file.relative_to(here) if file.is_relative_to(here) else file
    return f"{shown}:{mine[-1].lineno}"


def _foreign(file: str) -> bool:
    """True for files of lrviz, of Python and of installed packages."""
    installed = {"site-packages", "dist-packages"} & set(Path(file).parts)
    homes = (HOUSE, sysconfig.get_path("stdlib"))
    return file.startswith("<") or bool(installed) or any(file.startswith(home + os.sep) for home in homes)
