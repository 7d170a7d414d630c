"""Many schedules on several cores: the same bits, the same refusals, the same order as one after the other."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from lrviz.curve import Curve
from lrviz.engine import side_by_side
from lrviz.engine.side_by_side import Simulated, simulate_all
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule

TEXT = """\
epochs: 20
optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
schedules:
  step: {scheduler: {type: StepLR, step_size: 3}}
  long: {epochs: 3000, scheduler: {type: CosineAnnealingLR}}
  momentum: {scheduler: {type: OneCycleLR, max_lr: 1}}
  refused: {scheduler: {type: ConstantLR, factor: 0}}
  function: {scheduler: {type: LambdaLR, lr_lambda: 0.9 ** t}}
  plateau: {scheduler: {type: ReduceLROnPlateau, patience: 1}, metric: 1 / (epoch + 1)}
  phases: {scheduler: [{type: LinearLR, for: 5}, {type: none}]}
  groups: {optimizer: {groups: [{name: a}, {name: b, lr: 1}]}, scheduler: {type: ExponentialLR, gamma: 0.9}}
  torch: {optimizer: {foreach: true}, scheduler: {type: SWALR, swa_lr: 0.05}}
"""


def schedules() -> list[tuple[str, Schedule]]:
    return [(schedule.name, schedule) for schedule in load_text(TEXT, "s.yaml")]


def content(curve: Curve) -> tuple[object, ...]:
    return tuple(
        tuple(map(bytes, value)) if name in ("columns", "momentum_columns") and value is not None else value
        for name, value in ((name, getattr(curve, name)) for name in Curve.__slots__)
    )


def outcome(simulated: Simulated) -> object:
    if simulated.curve is not None:
        return content(simulated.curve)
    assert simulated.refusal is not None
    return str(simulated.refusal), simulated.refusal.problems


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_the_outcome_does_not_depend_on_the_number_of_processes(processes: int) -> None:
    found = list(simulate_all(schedules(), processes=processes))
    assert [outcome(each) for each in found] == [outcome(each) for each in simulate_all(schedules(), processes=1)]
    for (name, schedule), simulated in zip(schedules(), found, strict=True):
        assert (simulated.name, simulated.schedule.name) == (name, schedule.name)
        if name == "refused":
            assert "ZeroDivisionError" in str(simulated.refusal)
        else:
            assert simulated.curve is not None
            assert content(simulated.curve) == content(simulate(schedule))


def test_progress_is_told_for_every_schedule() -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    for processes in (1, 2):
        told.clear()
        list(
            simulate_all(
                schedules(),
                progress_of=lambda name: lambda done, total: told.setdefault(name, []).append((done, total)),
                processes=processes,
            )
        )
        assert list(told) == [name for name, _ in schedules() if processes == 2 or name != "refused"]
        assert told["long"][-1] == (3000, 3000)


def test_a_second_process_is_started_only_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "cores", lambda: 8)
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", None)
    assert len(list(simulate_all(schedules()))) == 9
    monkeypatch.setattr(side_by_side, "MIN_PARALLEL_COST", 1)
    with pytest.raises(TypeError):
        list(simulate_all(schedules()))


def test_who_stops_early_waits_for_nothing() -> None:
    long = load_text(TEXT.replace("epochs: 20", "epochs: 200000"), "s.yaml")
    for simulated in simulate_all([(each.name, each) for each in long], processes=2):
        assert simulated.curve is not None
        break


def test_curves_and_errors_survive_pickle(tmp_path: Path) -> None:
    for name, schedule in schedules():
        if name != "refused":
            curve = simulate(schedule)
            again = pickle.loads(pickle.dumps(curve))
            assert content(again) == content(curve)
            assert again.lr.tolist() == curve.lr.tolist()
    with pytest.raises(ScheduleError) as caught:
        load_text("epochs: 0\n", "s.yaml")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.problems, str(again)) == (caught.value.problems, str(caught.value))
