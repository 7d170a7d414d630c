"use strict";
// The words at the top of the chart: the names of phases, and below them what happens at each hairline. The word for a
// kind of event stands at its first mark, or with the name of its phase. What would leave the chart or touch other words
// is left out, as in the pictures.
const ROW = 17, APART = 2; // pixels
const pen = document.createElement("canvas").getContext("2d");

function inside() { // where lines are drawn, from the uppermost panel to the lowest
  const panels = [...chart.querySelectorAll(".nsewdrag")].map((panel) => panel.getBoundingClientRect());
  const top = Math.min(...panels.map((panel) => panel.top)), bottom = Math.max(...panels.map((panel) => panel.bottom));
  return new DOMRect(panels[0].left, top, panels[0].width, bottom - top);
}

function boxOf(words, font, middle, row) {
  pen.font = `${font.size}px ${chart.layout.font.family}`;
  const half = pen.measureText(words).width / 2 + APART;
  return { left: middle - half, right: middle + half, top: row * ROW, bottom: (row + 1) * ROW };
}

function labelChanges() {
  const { phases, events } = figure.labels;
  if (!phases.length && !events.length) return {};
  const [from, to] = chart.layout.xaxis.range, plot = inside();
  const pixel = (x) => (x - from) / (to - from) * plot.width, moment = (at) => from + at / plot.width * (to - from);
  const taken = [...chart.querySelectorAll(".textpoint text")].map((text) => { // the words at the peak and the end
    const box = text.getBoundingClientRect();
    return { left: box.left - plot.left, right: box.right - plot.left, top: box.top - plot.top, bottom: box.bottom - plot.top };
  });
  const { annotations, shapes } = chart.layout, labels = annotations.map(() => ({ visible: false }));
  const write = (index, words, middle, row) => {
    const box = boxOf(words, annotations[index].font, middle, row);
    const free = box.left >= 0 && box.right <= plot.width && !taken.some((other) =>
      box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
    if (!free) return false;
    taken.push(box);
    labels[index] = { visible: true, text: words, x: moment(middle), yshift: -row * ROW };
    return true;
  };

  const row = phases.length ? 1 : 0, named = {}; // whether the word of a kind stands at its first mark
  events.forEach(({ at, kind, words }, index) => {
    const middle = pixel(at);
    if (middle < 0 || middle > plot.width) return;
    if (!(kind in named)) {
      const text = `${kind} ${words}`, box = boxOf(text, annotations[phases.length + index].font, 0, 0);
      named[kind] = { at, written: [0, box.right, box.left].some((shift) => write(phases.length + index, text, middle + shift, row)) };
      if (named[kind].written) return;
    }
    write(phases.length + index, words, middle, row);
  });
  const inBand = (phase) => [phase.words, ...Object.keys(named).filter((kind) => !named[kind].written && !phase.words.includes(kind) &&
    named[kind].at >= phase.from && named[kind].at < phase.to).map((kind) => `${kind}s`)].join(", ");
  const seen = phases.map((phase, index) => ({ index, words: inBand(phase), left: Math.max(0, pixel(phase.from)),
    right: Math.min(plot.width, pixel(phase.to)) })).filter((phase) => phase.right > phase.left);
  for (const { index, words, left, right } of seen.sort((a, b) => b.right - b.left - (a.right - a.left))) {
    const box = boxOf(words, annotations[index].font, 0, 0), width = box.right - box.left;
    if (width <= right - left && write(index, words, (left + right) / 2, 0)) continue;
    write(index, words, left + width / 2, 0); // from its beginning on
  }

  const changes = {};
  labels.forEach((label, index) => {
    for (const [key, value] of Object.entries(label)) {
      const before = annotations[index][key];
      const same = key === "x" ? Math.abs(pixel(before) - pixel(value)) < 0.5 : before === value;
      if (!same) changes[`annotations[${index}].${key}`] = value;
    }
  });
  const height = chart.querySelector(".nsewdrag").getBoundingClientRect().height, top = 1 - (row + 1) * ROW / height;
  shapes.forEach((shape, index) => {
    if (shape.name === "event" && Math.abs(shape.y1 - top) * height > 0.5) changes[`shapes[${index}].y1`] = top;
  });
  return changes;
}
