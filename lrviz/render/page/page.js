"use strict";
const figure = JSON.parse(document.getElementById("figure").textContent);
const chart = document.getElementById("chart");
const NEAR = 4; // pixels
const logButton = document.getElementById("log");
const config = {
  responsive: true,
  displaylogo: false,
  doubleClick: false, // plotly's own would go back to the limits of the scale that was shown first
  showTips: false,
  modeBarButtons: [["zoom2d", "pan2d"], ["zoomIn2d", "zoomOut2d"], ["toImage"]],
  toImageButtonOptions: { filename: "lrviz" },
};

function isLog() {
  return chart.layout.yaxis !== undefined && chart.layout.yaxis.type === "log";
}

function sayLog(log) {
  if (logButton) logButton.setAttribute("aria-pressed", String(log));
  for (const words of document.querySelectorAll(".on-log")) words.hidden = !log;
}

function limits(log) {
  const changes = { "xaxis.range": figure.limits.xaxis.slice() };
  for (const axis of Object.keys(figure.limits.linear)) {
    changes[axis + ".range"] = (log && figure.limits.log[axis] || figure.limits.linear[axis]).slice();
  }
  return changes;
}

function setLog(log) {
  sayLog(log);
  const scale = log ? "log" : "linear";
  const range = figure.limits[scale].yaxis.slice();
  return Plotly.relayout(chart, { "yaxis.type": scale, "yaxis.range": range, "yaxis.tickformat": figure.ticks[scale],
    "yaxis.tickmode": "auto" });
}

function zoomOut() {
  return Plotly.relayout(chart, limits(isLog()));
}

function reset() {
  return Plotly.restyle(chart, { visible: true }).then(zoomOut);
}

function fit() { // after every change of the limits or of the size: the ticks of decades, and the labels that have room
  const changes = {};
  if (isLog()) {
    const axis = chart.layout.yaxis, decades = axis.range[1] - axis.range[0];
    const every = decades > 2 ? Math.ceil(decades / 9) : decades > 0.7 ? "D2" : undefined; // D2: 1, 2, 5, 10
    if (every !== undefined && (axis.tickmode !== "linear" || axis.dtick !== every)) {
      Object.assign(changes, { "yaxis.tickmode": "linear", "yaxis.tick0": 0, "yaxis.dtick": every });
    } else if (every === undefined && axis.tickmode === "linear") {
      changes["yaxis.tickmode"] = "auto";
    }
  }
  Object.assign(changes, labelChanges());
  if (Object.keys(changes).length) Plotly.relayout(chart, changes);
}

// --- what the pointer is told

const readout = document.getElementById("readout");

function swatch(look) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const [color, dash, width] = look;
  for (const [key, value] of Object.entries({ width: 30, height: 8, "aria-hidden": "true" })) svg.setAttribute(key, value);
  for (const [key, value] of Object.entries({ d: "M0,4H30", stroke: color, "stroke-width": width })) line.setAttribute(key, value);
  if (dash !== "solid") line.setAttribute("stroke-dasharray", dash);
  svg.append(line);
  return svg;
}

function cell(row, name, content) {
  const made = document.createElement("span");
  made.className = name;
  made.append(content);
  row.append(made);
}

function snapped(place) { // a mark or a row of the table that is as near as the pointer is wide goes before the rest
  const xs = figure.data[0].x, [from, to] = chart.layout.xaxis.range;
  const reach = NEAR * (to - from) / Math.max(1, inside().width);
  const nearest = (others) => {
    const at = others.reduce((best, other) => Math.abs(xs[other] - xs[place]) < Math.abs(xs[best] - xs[place]) ? other : best, others[0]);
    return at !== undefined && Math.abs(xs[at] - xs[place]) <= reach ? at : undefined;
  };
  return nearest(Object.keys(figure.hover.notes).map(Number)) ?? nearest(figure.hover.rows) ?? place;
}

function tell(place, pointer) {
  const hidden = new Set(chart.data.filter((trace) => trace.visible === "legendonly").map((trace) => trace.legendgroup));
  const head = document.createElement("p");
  head.className = "moment";
  head.textContent = figure.hover.moments[place];
  const rows = document.createElement("div");
  rows.className = "rows";
  for (const { name, group, look, texts } of figure.hover.lines) {
    if (hidden.has(group) || texts[place] === null) continue;
    const row = document.createElement("div");
    cell(row, "swatch", swatch(look));
    cell(row, "name", name);
    cell(row, "value", texts[place]);
    rows.append(row);
  }
  readout.replaceChildren(head, rows);
  for (const words of figure.hover.notes[place] || []) {
    const note = document.createElement("p");
    note.textContent = words;
    readout.append(note);
  }
  readout.hidden = false;
  const box = chart.getBoundingClientRect();
  const x = pointer.clientX - box.left, y = pointer.clientY - box.top, away = 18;
  const left = x + away + readout.offsetWidth <= box.width ? x + away : x - away - readout.offsetWidth;
  readout.style.left = `${Math.max(0, left)}px`;
  readout.style.top = `${Math.max(0, Math.min(y - 20, box.height - readout.offsetHeight))}px`;
}

function hush() {
  readout.hidden = true;
}

// --- a finger hovers nowhere: what it taps is told until it taps elsewhere

const STILL = 10; // pixels
let touched = false, touch = null;

function listenToTouch() {
  window.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    touch = touched && event.isPrimary ? event : null;
  }, true);
  window.addEventListener("pointerup", (event) => { // there is none where the finger scrolls the page
    if (touch && Math.hypot(event.clientX - touch.clientX, event.clientY - touch.clientY) <= STILL) tapped(event);
    touch = null;
  }, true);
}

function tapped(event) {
  const box = inside();
  const x = (event.clientX - box.left) / box.width, [from, to] = chart.layout.xaxis.range;
  const here = chart.contains(event.target) && x >= 0 && x <= 1 && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!here) return hush();
  const xs = figure.data[0].x, wanted = from + x * (to - from);
  const place = xs.reduce((best, other, at) => Math.abs(other - wanted) < Math.abs(xs[best] - wanted) ? at : best, 0);
  tell(snapped(place), event);
}

// --- the chart itself

chart.replaceChildren();
if (window.matchMedia("(pointer: coarse)").matches) figure.layout.dragmode = false; // a finger is to scroll the page
sayLog(figure.layout.yaxis !== undefined && figure.layout.yaxis.type === "log");
const drawn = Plotly.newPlot(chart, figure.data, figure.layout, config).then(() => {
  chart.on("plotly_doubleclick", zoomOut);
  chart.on("plotly_relayout", fit);
  fit();
  chart.on("plotly_hover", (event) => touched || tell(snapped(event.points[0].pointIndex), event.event));
  chart.on("plotly_unhover", () => touched || hush());
  listenToTouch();
  if (logButton) logButton.addEventListener("click", () => setLog(!isLog()));
  document.getElementById("reset").addEventListener("click", reset);
});
