"""A document -> its schedules, or all of its problems at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Any

from lrviz.errors import Position, Problem, Problems, ScheduleError
from lrviz.files import STDIN
from lrviz.reach import DISK, Files, Reach
from lrviz.run import Run
from lrviz.schedule.catalogue import CODES, DATA, FILE, OPTIMIZERS, SCHEDULE, SCHEDULERS
from lrviz.schedule.model import Ignored, Schedule
from lrviz.schedule.reading.config import Expanded, ReadConfig, expanded
from lrviz.schedule.reading.context import Context
from lrviz.schedule.reading.elsewhere import warmup_hint
from lrviz.schedule.reading.expect import read_expect
from lrviz.schedule.reading.fields import ALIASES, check
from lrviz.schedule.reading.inherit import inherit
from lrviz.schedule.reading.metric import calls_with_metric, read_metric
from lrviz.schedule.reading.optimizer import read_optimizer
from lrviz.schedule.reading.override import Chosen, replaced
from lrviz.schedule.reading.run import Length, read_run
from lrviz.schedule.reading.scheduler import read_scheduler
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.text.document import Item, Node, node_of
from lrviz.schedule.text.suggest import suggest
from lrviz.schedule.text.values import is_readable_name
from lrviz.schedule.train.written import written_training
from lrviz.words import counted, kind_of, show

MAX_INHERITED = 200_000
MAX_VALUES = 500_000_000


def read_schedules(
    root: Node,
    length: Length | None = None,
    *,
    trust: bool = False,
    changed: bool = False,
    allow_path: Sequence[str] = (),
    base: str | None = None,
    read_config: ReadConfig | None = None,
    files: Files = DISK,
    stretch: Stretch | None = None,
    chosen: Chosen = lambda name: True,
    of_config: bool = False,
    real_metric: bool = False,
) -> list[Schedule]:
    """The schedules of a document in the order of the file; `length` replaces the length of every run.

    `changed` is true if the document differs from the file. `allow_path` are folders outside of its project in
    which it may name files; relative names begin at `base`, by default its folder. `read_config` reads the configs of
    other programs that it names. All of them come from `files`. With `stretch`, every schedule that is `chosen` is that
    of a file whose plan has another length. The document is `of_config` if a config of another program says it. With a
    `real_metric`, that of a training, a ReduceLROnPlateau needs none in the file.

    Raises `ScheduleError` with all problems of all schedules.
    """
    problems = Problems()
    reach = Reach(root.where.file, tuple(allow_path), base, files=files)
    schedules: list[Schedule | None] = []
    if not root.is_mapping:
        raise ScheduleError.at(
            root.where,
            f"a schedule file must be a mapping of keys (got {kind_of(root.value)})",
            "it begins like `epochs: 30`, with a colon and a space"
            + ("; --stdin-filename x.toml says what else it is" if root.where.file == STDIN else ""),
        )

    def read(name: str, node: Node, head: Node) -> Schedule | None:
        longer = stretch if chosen(name) else None
        return _Reader(
            name, node, head, length, problems, trust, changed, reach, read_config, longer, of_config, real_metric
        ).read()

    members = root.value.get("schedules")
    if members is None:
        name = _name_of_file(root.where.file)
        schedules.append(read(name, root, root))
    else:
        _check_size(root, members)
        for item in _members(root, members, problems):
            node = inherit(root, item.value)
            schedules.append(read(item.key.value, node, item.key))
    found = [schedule for schedule in schedules if schedule is not None]
    problems += _shared_snapshots(found)
    if problems:
        raise ScheduleError(problems)
    train = written_training(root, (schedule.name for schedule in found))
    return [replace(schedule, train=train) for schedule in found]


def read_again(
    schedule: Schedule, interval: str | None = None, length: Length | None = None, stretch: Stretch | None = None
) -> Schedule | None:
    """A schedule as it would be with another `interval` in its file, with another length of the run, or stretched.

    None if something about it is wrong then.
    """
    assert schedule.written is not None
    node = schedule.written
    if interval is not None:
        node = replaced(node, ("interval",), node_of(interval, schedule.where))
    run, scheduler = schedule.run, schedule.scheduler
    if length is None and run.overridden:
        length = Length(run.epochs, run.steps)
    trust = scheduler is not None and any(each.own for each in scheduler.walk())
    problems = Problems()
    head = Node(schedule.name, schedule.where)
    return _Reader(
        schedule.name, node, head, length, problems, trust, run.changed, schedule.reach, None, stretch
    ).read()


def _shared_snapshots(schedules: list[Schedule]) -> Iterator[Problem]:
    """Problems of schedules that share a snapshot, which holds the curve of only one."""
    owners: dict[str, str] = {}
    for schedule in schedules:
        snapshot = schedule.expect.snapshot
        if snapshot is not None and owners.setdefault(snapshot.path, schedule.name) != schedule.name:
            yield Problem(
                snapshot.where,
                f"the schedules {owners[snapshot.path]!r} and {schedule.name!r} share the snapshot {snapshot.path!r}",
                f"give each its own: {schedule.name}: {{expect: {{snapshot: {schedule.name}.csv}}}}",
            )


def _name_of_file(file: str) -> str:
    return PurePath(file.strip("<>")).stem.encode(errors="replace").decode() or file


def _check_size(root: Node, members: Item) -> None:
    """Limits the number of inherited values, which are read again for every schedule."""
    inherited = sum(_size(item.value) for key, item in root.value.items() if key != "schedules")
    if members.value.is_mapping and len(members.value.value) * inherited > MAX_INHERITED:
        raise ScheduleError.at(
            members.key.where, f"the schedules of this file inherit more than {MAX_INHERITED:,} values"
        )


def _size(node: Node) -> int:
    inside = (item.value for item in node.items()) if node.is_mapping else node.value if node.is_list else ()
    return 1 + sum(map(_size, inside))


def _members(root: Node, members: Item, problems: Problems) -> list[Item]:
    """The members of `schedules` that are mappings with a usable name; the others become problems."""
    check(root, FILE, problems, partial(_notes, root))
    if "scheduler" in root.value:
        problems.at(
            root.value["scheduler"].key,
            "a file may have `scheduler` or `schedules`, not both",
            "move it into `schedules`",
        )
    if not members.value.is_mapping or not members.value.value:
        problems.at(
            members.value,
            f"schedules must be a mapping of names to schedules (got {_shown(members.value)})",
            "schedules: {cosine: {scheduler: {type: CosineAnnealingLR}}}",
        )
        return []
    usable = []
    for item in members.value.items():
        name, where = item.key.value, item.key.where
        if not isinstance(name, str):
            problems.at(where, f"the name of a schedule must be text (got {show(name)})", f'write "{name}"')
        elif not is_readable_name(name):
            problems.at(where, f"a schedule needs a readable name (got {show(name)})")
        elif not item.value.is_mapping:
            problems.at(
                item.value,
                f"the schedule {name!r} must be a mapping (got {show(item.value.value)})",
                f"{name}: {{scheduler: {{type: StepLR, step_size: 10}}}}",
            )
        else:
            usable.append(item)
    return usable


def _notes(node: Node, name: str) -> tuple[str, str] | None:
    if name == "schedules":
        return "a schedule cannot have `schedules` of its own", "put them beside it"
    meant = ALIASES.get(name, name)
    if OPTIMIZERS["AdamW"].argument(meant) or OPTIMIZERS["SGD"].argument(meant):
        return f"unknown key {name!r}", f"it belongs to the optimizer: `optimizer: {{{meant}: ...}}`"
    if DATA.argument(meant):
        return f"unknown key {name!r}", f"it belongs to the data: `data: {{{meant}: ...}}`"
    if any(scheduler.argument(name) for scheduler in SCHEDULERS.values()):
        return f"unknown key {name!r}", f"it belongs to the scheduler: `scheduler: {{type: ..., {name}: ...}}`"
    if name == "_target_":
        return f"unknown key {name!r}", "this is a part of a Hydra config: name the whole config, with its `trainer`"
    if hint := warmup_hint(name, node.get(name)):
        return f"unknown key {name!r}", hint
    return None


def _one_line(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())


def _shown(node: Node) -> str:
    return "an empty mapping" if node.value == {} else show(node.value)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one schedule: `node` holds its keys, inherited ones included, and `head` is the node that names it."""

    name: str
    node: Node
    head: Node
    length: Length | None
    problems: Problems
    trust: bool
    changed: bool
    reach: Reach
    read_config: ReadConfig | None
    stretch: Stretch | None = None
    of_config: bool = False
    real_metric: bool = False

    def read(self) -> Schedule | None:
        known = len(self.problems)
        entry = FILE if self.node is self.head else SCHEDULE
        keys = check(self.node, entry, self.problems, partial(_notes, self.node), partial=True)
        found = expanded(self.node, self.read_config, self.reach, self.problems)
        if found is None:
            return None
        reader = self
        if found.imported is not None:
            keys = check(found.node, entry, self.problems, partial=True)
            reader = replace(self, node=found.node, length=None)
        if self.stretch is None:
            return reader.read_keys(keys, known, found)
        schedule = replace(reader, length=None).read_keys(keys, known, found)
        return reader.stretched(schedule, self.stretch, found) if schedule is not None else None

    def stretched(self, before: Schedule, stretch: Stretch, expanded: Expanded) -> Schedule | None:
        """A schedule at another length: its keys are changed, and read again.

        A formula in the config of another program is not the user's to write in T or N: what does not stretch by
        itself is given a slower time.
        """
        after, unfit = self._stretched_once(before, stretch, expanded, frozenset())
        if after is not None and unfit and (self.of_config or after.imported is not None):
            places = frozenset(each.where for each in unfit)
            after, unfit = self._stretched_once(before, stretch, expanded, places)
        self.problems.extend(unfit)
        if after is None or unfit:
            return None
        return replace(after, imported=after.imported and after.imported.stretched(stretch.written))

    def _stretched_once(
        self, before: Schedule, stretch: Stretch, expanded: Expanded, divided: frozenset[Position]
    ) -> tuple[Schedule | None, list[Problem]]:
        """The stretched schedule, and the problems of the functions in it that are not the same curve."""
        from lrviz.schedule.reading.stretch.functions import unlike  # what most commands do without
        from lrviz.schedule.reading.stretch.plan import stretched, with_expectations

        def keys_of(node: Node, problems: Problems) -> dict[str, Any]:
            return check(node, SCHEDULE, problems, partial=True)

        def run_of(node: Node) -> Run | None:
            return read_run(node, keys_of(node, Problems()), None, Problems(), Problems(), changed=True)

        def again(node: Node) -> Schedule | None:
            said = expanded._replace(node=node, remarks=(*remarks, *expanded.remarks))
            reader = replace(self, node=node, changed=True)
            return reader.read_keys(keys_of(node, self.problems), known, said)

        known, remarks = len(self.problems), Problems()
        node, pace = stretched(before, stretch, run_of, self.problems, remarks, divided)
        if len(self.problems) > known:
            return None, []
        after = again(Node({key: item for key, item in node.value.items() if key != "expect"}, node.where))
        if after is None or pace is None:
            return None, []
        unfit = list(unlike(before, after, stretch))
        if "expect" in node.value and not unfit:
            after = again(with_expectations(node, before, after, pace))
        return after, unfit

    def read_keys(self, keys: Mapping[str, Any], known: int, expanded: Expanded) -> Schedule | None:
        remarks = Problems()
        run = read_run(self.node, keys, self.length, self.problems, remarks, changed=self.changed)
        optimizer = read_optimizer(self.node, self.problems, self.name)
        context = Context(
            run=run,
            groups=tuple(group.name for group in optimizer.groups) if optimizer else None,
            has_metric=self.real_metric or self.node.get("metric") is not None,
            interval=run.interval if run else "epoch",
            every=run.every if run else 1,
            calls=-(-run.ticks // run.every) if run else None,
            remarks=remarks,
            trust=self.trust,
        )
        scheduler = read_scheduler(self.node, context, self.problems)
        groups = tuple(group.name for group in optimizer.groups) if optimizer else None
        expect = read_expect(self.node.get("expect"), run, groups, self.problems)
        ignore = self.read_ignore()
        self.check_texts(keys)
        reads = calls_with_metric(scheduler, run) if run else []
        metric = read_metric(self.node.get("metric"), run, reads, self.reach, self.problems, remarks)
        if run and optimizer:
            self.check_size(run.ticks, len(optimizer.groups), sum(map(len, reads)) if metric is not None else 0)
        if len(self.problems) > known or run is None or optimizer is None:
            return None
        return Schedule(
            name=self.name,
            where=self.head.where,
            run=run,
            optimizer=optimizer,
            scheduler=scheduler,
            reach=self.reach,
            metric=metric,
            title=_one_line(keys.get("title")),
            source=_one_line(keys.get("source")),
            expect=expect,
            ignore=ignore,
            remarks=(*remarks, *expanded.remarks),
            written=self.node,
            imported=expanded.imported,
        )

    def check_texts(self, keys: Mapping[str, Any]) -> None:
        for name in ("title", "source"):
            node = self.node.get(name)
            if node is not None and not (_one_line(keys.get(name)) or "").isprintable():
                self.problems.at(node, f"{name} must be readable text (got {show(node.value)})")

    def read_ignore(self) -> tuple[Ignored, ...]:
        """The codes under `ignore`; an unknown one is a problem."""
        node = self.node.get("ignore")
        ignored = []
        for member in node.value if node is not None and node.is_list else ():
            if isinstance(member.value, str) and member.value in CODES:
                ignored.append(Ignored(member.value, member.where))
            elif isinstance(member.value, str):
                hint = suggest(member.value, CODES)
                self.problems.at(
                    member,
                    f"ignore: unknown code {show(member.value)}",
                    f"did you mean {hint}?" if hint else "`lrviz check --rules` lists them",
                )
        return tuple(ignored)

    def check_size(self, calls: int, groups: int, metrics: int) -> None:
        """Limits what a simulation may compute: learning rates, and the values of the metric that it reads."""
        if calls * groups + metrics > MAX_VALUES:
            what = f" and {metrics:,} values of the metric" if metrics else ""
            self.problems.at(
                self.node,
                f"{calls:,} calls of {counted(groups, 'param group')}{what} are more than {MAX_VALUES:,} "
                f"{'values' if metrics else 'learning rates'}",
                "shorten the run, or merge groups that share their learning rate",
            )
