"use strict";
// Once a second the page loads its own file in a hidden frame, and itself again where that has become another.
const EVERY = 1000, PATIENCE = 10000;
let frame = null, asked = 0, count = 0;

function ask() {
  if (document.hidden || (frame && Date.now() - asked < PATIENCE)) return;
  if (frame) frame.remove();
  frame = document.createElement("iframe");
  frame.hidden = true;
  frame.name = "lrviz";
  frame.setAttribute("sandbox", "allow-scripts");
  const url = new URL(location.href);
  url.search = "?" + ++count; // a page may not hold a frame of its own address
  url.hash = "";
  frame.src = url.href;
  asked = Date.now();
  document.body.append(frame);
}

window.addEventListener("message", (event) => {
  if (!frame || event.source !== frame.contentWindow || !event.data || !event.data.lrviz) return;
  frame.remove();
  frame = null;
  if (event.data.lrviz === digest) return;
  history.replaceState({ lrviz: state() }, "");
  location.reload();
});

function state() {
  const now = { log: isLog(), zoom: {}, hidden: [], x: scrollX, y: scrollY };
  const whole = limits(now.log);
  for (const key of Object.keys(whole)) {
    const range = chart.layout[key.split(".")[0]].range;
    if (range.some((limit, at) => limit !== whole[key][at])) now.zoom[key] = range.slice();
  }
  for (const trace of chart.data) if (trace.visible === "legendonly") now.hidden.push(trace.name);
  return now;
}

function restore(before) {
  const changes = [];
  if (before.log !== isLog() && logButton) changes.push(setLog(before.log));
  if (Object.keys(before.zoom).length) changes.push(Plotly.relayout(chart, before.zoom));
  const groups = chart.data.filter((trace) => before.hidden.includes(trace.name) && trace.name).map((trace) => trace.legendgroup);
  const hidden = chart.data.flatMap((trace, at) => (groups.includes(trace.legendgroup) && trace.legendgroup ? [at] : []));
  if (hidden.length) changes.push(Plotly.restyle(chart, { visible: "legendonly" }, hidden));
  return Promise.all(changes).then(() => scrollTo(before.x, before.y));
}

history.scrollRestoration = "manual";
drawn.then(() => history.state && history.state.lrviz && restore(history.state.lrviz)).then(() => {
  history.replaceState(null, "");
  setInterval(ask, EVERY);
});
