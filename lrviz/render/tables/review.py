"""A review as text for people: a block for each schedule that changed, a line for one that did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from lrviz.ansi import BOLD, CYAN, DIM, GREEN, RED, Terminal, paint
from lrviz.checks.finding import Finding
from lrviz.errors import Problem
from lrviz.foreign import escaped
from lrviz.render.tables.columns import TextColumn, aligned, fold, write_columns
from lrviz.render.tables.review_rows import blocks_of, cause_words, common_part, verdict_words
from lrviz.review.result import Review, Reviewed, Torches
from lrviz.words import counted

MOST_CAUSES = 8
"""So many causes of one schedule are listed; the others are counted."""

NARROW, LONGEST_NAME = 60, 16
"""In a terminal of fewer columns, the names of rows are folded to so many."""

MOST_FINDINGS = 6
"""So many findings of one schedule that came are listed, and so many that went."""


def write_text(review: Review, stream: IO[str], terminal: Terminal) -> None:
    """Writes the review to a text stream."""
    blocks = [_block(one, titles_of(review), terminal) for one in review.told]
    blocks += [[_others(*each)] for each in _untouched(review)]
    blocks += [_unread(each.file, each.problems, review) for each in review.unread]
    after = False
    for block in blocks:
        if after or (len(block) > 1 and block is not blocks[0]):
            stream.write("\n")
        stream.writelines(f"{line}\n" for line in block)
        after = len(block) > 1
    if blocks:
        stream.write("\n")
    good = not review.moved and not review.refused
    stream.write(f"{paint(sentence(review), f'{BOLD};{GREEN if good else RED}', terminal.color)}\n")


def sentence(review: Review) -> str:
    """The whole review in a sentence."""
    moved = sum(each.verdict == "curve" for each in review.schedules)
    must = sum(each.frozen for each in review.moved)
    parts = [f"{counted(moved, 'curve')} changed" if moved else "No curve changed"]
    for verdict in ("added", "removed"):
        count = sum(each.verdict == verdict for each in review.schedules)
        parts += [f"{counted(count, 'schedule')} {verdict}"] if count else []
    if review.unread:
        parts.append(f"{counted(len(review.unread), 'file')} could not be read before")
    if review.frozen and (must or not review.unread):
        parts.append(f"{counted(must, 'schedule')} moved that must not" if must else "none moved that must not")
    text = ", ".join(parts)
    base = review.base
    if isinstance(base, Torches):
        files = counted(review.files, "schedule file")
        return escaped(f"{text}: {files} under torch {base.own} and torch {base.other}.")
    return escaped(f"{text}: {review.changed:,} of {counted(review.files, 'schedule file')} changed against {base}.")


def titles_of(review: Review) -> tuple[str, str, str]:
    """The titles of the numbers of both sides, and of their ratios."""
    if isinstance(review.base, Torches):
        return f"torch {review.base.own}", f"torch {review.base.other}", "ratio"
    return "old", "new", "new / old"


def _untouched(review: Review) -> list[tuple[str, int]]:
    """The files that changed with schedules that did not, and their number."""
    files: dict[str, int] = {}
    for each in review.untouched:
        files[each.schedule.file] = files.get(each.schedule.file, 0) + 1
    return list(files.items())


def _others(file: str, count: int) -> str:
    return f"{escaped(file)}: {counted(count, 'schedule')} {'is' if count == 1 else 'are'} the same in every value"


def heading(one: Reviewed) -> str:
    """`schedules/b.yaml (was schedules/a.yaml): the curve changed, and it must not`."""
    was = f" (was {one.old_name})" if one.old_name else ""
    must = ", and must not" if one.frozen and one.moved else ""
    return escaped(f"{one.name}{was}: {verdict_words(one)}{must}")


def _block(one: Reviewed, titles: Sequence[str], terminal: Terminal) -> list[str]:
    color = f"{BOLD};{RED}" if one.frozen and one.moved else BOLD if one.verdict != "same" else ""
    lines = [paint(heading(one), color, terminal.color)]
    causes = list(_causes(one, terminal))
    went = () if one.new is None else one.went  # of a schedule that is gone, nothing else is worth a line
    findings = [*_findings("+", one.came, RED, terminal), *_findings("-", went, GREEN, terminal)]
    if one.verdict == "same" and not findings and len(causes) <= 1:
        what = ": ".join(cause_words(one.causes[0])) if causes else ""
        return [f"{lines[0]} ({escaped(what)})" if what else lines[0]]
    lines += causes
    said = one.apart or common_part(one)
    if said:
        lines.append(f"  {escaped(said)}")
    if one.verdict in ("curve", "added") or (one.verdict == "removed" and not causes):
        table = list(_table(one, titles, terminal))
        lines += ["", *table] if causes or said else table
        lines += [""] if findings and table else []
    return lines + findings


def _causes(one: Reviewed, terminal: Terminal) -> Iterator[str]:
    """The values that changed, each with its place in the new file, or of one that is gone in the old."""
    shown = one.causes[:MOST_CAUSES]
    words = [cause_words(each) for each in shown]
    if not words:
        return
    width = [TextColumn([f"  {escaped(name)}" for name, _ in words], left=True),
             TextColumn([escaped(change) for _, change in words], left=True)]  # fmt: skip
    if terminal.width is None or 2 + sum(column.width for column in width) + 4 <= terminal.width:
        lines = list(aligned(width, gap=2))
    else:
        lines = [f"  {escaped(f'{name}: {change}')}" for name, change in words]
    for line, each in zip(lines, shown, strict=True):
        place = each.where or each.old_where
        where = "" if place is None or not place.line else f"  ({place})" if each.where else f"  (was {place})"
        fits = terminal.width is None or len(line) + len(where) <= terminal.width
        yield line + paint(where, DIM, terminal.color) if fits else line
    if len(one.causes) > MOST_CAUSES:
        yield f"  and {counted(len(one.causes) - MOST_CAUSES, 'other value')}"


def _table(one: Reviewed, titles: Sequence[str], terminal: Terminal) -> Iterator[str]:
    import io

    blocks, others = blocks_of(one)
    for index, block in enumerate(blocks):
        if index:
            yield ""
        if block.group:
            yield paint(f"param group {escaped(block.group)}", CYAN, terminal.color)
        cells = [[row.name for row in block.rows], *([getattr(row, key) for row in block.rows]
                 for key in ("old", "new", "ratio"))]  # fmt: skip
        kept = [0, *(at for at in (1, 2, 3) if any(cells[at]))]
        if terminal.width is not None and terminal.width < NARROW:
            cells[0] = ["\n".join(fold(name, LONGEST_NAME)) for name in cells[0]]
        columns = [TextColumn(cells[at], "" if at == 0 else titles[at - 1], left=at == 0) for at in kept]
        text = io.StringIO()
        write_columns(columns, text, terminal, gap=2)
        yield from text.getvalue().splitlines()
    if others:
        yield ""
        yield others


def _findings(sign: str, findings: Sequence[Finding], color: str, terminal: Terminal) -> Iterator[str]:
    for each in findings[:MOST_FINDINGS]:
        where = f"{each.where}: " if each.where.line else ""
        yield f"  {paint(sign, color, terminal.color)} {where}{each.severity}: {escaped(each.message)} [{each.code}]"
    if len(findings) > MOST_FINDINGS:
        yield f"  {paint(sign, color, terminal.color)} {counted(len(findings) - MOST_FINDINGS, 'other finding')}"


def _unread(file: str, problems: Sequence[Problem], review: Review) -> list[str]:
    """That a file cannot be read at the revision, so that there is nothing to compare it with."""
    lines = [f"{escaped(file)}: cannot be read at {escaped(str(review.base))}, so nothing is known of the change"]
    lines += [f"  {line}" for each in problems[:3] for line in str(each).split("\n")]
    if len(problems) > 3:
        lines.append(f"  and {counted(len(problems) - 3, 'other error')}")
    return lines
