"use strict";
// Draws the charts of the page out of its own data, and lets them answer to mouse and keyboard. It loads nothing.
(() => {
  const { charts } = JSON.parse(document.getElementById("data").textContent);
  const WIDTH = 520, HEIGHT = 300, LEFT = 58, RIGHT = 14, TOP = 10, BOTTOM = 42;
  const DASHES = ["", "7 4", "2 3", "9 3 2 3"];
  const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

  function make(name, attributes, parent) {
    const svg = ["svg", "g", "line", "path", "circle", "text", "rect", "title", "linearGradient", "stop", "defs"].includes(name);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "text") node.textContent = value;
      else node.setAttribute(key, value);
    }
    if (parent) parent.append(node);
    return node;
  }

  function written(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (value !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
    return String(Number(value.toPrecision(4)));
  }

  // ---- scales: a place in the picture for each value, and ticks

  function linearScale(values, from, to) {
    let low = Math.min(...values), high = Math.max(...values);
    if (low === 0 && high === 0) high = 1;
    if (low === high) { low -= Math.abs(low) / 10 || 0.5; high += Math.abs(high) / 10 || 0.5; }
    const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push([k * step, written(k * step)]);
    return { at: (v) => from + ((v - low) / (high - low)) * (to - from), ticks };
  }

  function logScale(values, from, to) {
    const positive = values.filter((v) => v > 0), least = Math.min(...positive), most = Math.max(...positive);
    if (!positive.length || most < 10 * least) return linearScale(values, from, to);
    const zero = positive.length < values.length;
    const low = Math.log10(least) - (zero ? Math.max(0.5, Math.log10(most / least) / 8) : 0), high = Math.log10(most);
    const at = (v) => from + (((v > 0 ? Math.log10(v) : low) - low) / (high - low)) * (to - from);
    let ticks = [];
    for (let k = Math.ceil(Math.log10(least) - 1e-9); k <= high + 1e-9; k++) ticks.push([10 ** k, written(10 ** k)]);
    if (ticks.length < 2) ticks = [least, Math.sqrt(least * most), most].map((v) => [Number(v.toPrecision(2)), written(Number(v.toPrecision(2)))]);
    while (ticks.length > 6) ticks = ticks.filter((_, i) => i % 2 === 0);
    if (zero) ticks.unshift([0, "0"]);
    return { at, ticks };
  }

  function nameScale(labels, from, to) {
    const at = (v) => from + ((v + 0.5) / labels.length) * (to - from);
    const step = Math.ceil(labels.length / 10);
    return { at, ticks: labels.map((label, i) => [i, label.length > 9 ? `${label.slice(0, 8)}…` : label]).filter((_, i) => i % step === 0) };
  }

  function scaleOf(axis, values, from, to) {
    if (axis.labels) return nameScale(axis.labels, from, to);
    if (!values.length) values = [0, 1];
    return axis.log ? logScale(values, from, to) : linearScale(values, from, to);
  }

  // ---- the frame that all charts share

  function frame(holder, label, x, y, xLabel, yLabel, right) {
    holder.querySelector("svg.plot")?.remove();
    const svg = make("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: "0", role: "application", "aria-label": `${label}. Arrow keys go from point to point.` });
    for (const [value, text] of y.ticks) {
      make("line", { class: "rule", x1: LEFT, x2: WIDTH - right, y1: y.at(value), y2: y.at(value) }, svg);
      make("text", { class: "tick", x: LEFT - 7, y: y.at(value) + 4, "text-anchor": "end", text }, svg);
    }
    for (const [value, text] of x.ticks) {
      make("line", { class: "axis", x1: x.at(value), x2: x.at(value), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }, svg);
      make("text", { class: "tick", x: x.at(value), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle", text }, svg);
    }
    make("line", { class: "axis", x1: LEFT, x2: WIDTH - right, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }, svg);
    make("line", { class: "axis", x1: LEFT, x2: LEFT, y1: TOP, y2: HEIGHT - BOTTOM }, svg);
    make("text", { x: (LEFT + WIDTH - right) / 2, y: HEIGHT - 6, "text-anchor": "middle", text: xLabel }, svg);
    make("text", { transform: `translate(13 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`, "text-anchor": "middle", text: yLabel }, svg);
    return svg;
  }

  // groups: lists of points {x, y, text, open}, each list from left to right
  function answer(holder, svg, groups, nearest) {
    const tip = holder.querySelector(".tip") ?? make("div", { class: "tip", role: "status", "aria-live": "polite" }, holder);
    const cursor = make("circle", { class: "cursor", r: 6, visibility: "hidden" }, svg);
    let group = 0, place = -1;

    function show(g, p) {
      if (!groups[g]?.[p]) return;
      [group, place] = [g, p];
      const point = groups[g][p], box = svg.getBoundingClientRect(), outer = holder.getBoundingClientRect(), scale = box.width / WIDTH;
      cursor.setAttribute("cx", point.x);
      cursor.setAttribute("cy", point.y);
      cursor.setAttribute("visibility", "visible");
      tip.textContent = point.text;
      const x = box.left - outer.left + point.x * scale, y = box.top - outer.top + point.y * scale;
      tip.style.left = `${Math.max(0, Math.min(x + 12, outer.width - tip.offsetWidth - 4))}px`;
      tip.style.top = `${y - tip.offsetHeight - 10 < 0 ? y + 12 : y - tip.offsetHeight - 10}px`;
    }
    function hide() {
      cursor.setAttribute("visibility", "hidden");
      tip.textContent = "";
      place = -1;
    }
    function find(event) {
      const box = svg.getBoundingClientRect(), x = ((event.clientX - box.left) * WIDTH) / box.width, y = ((event.clientY - box.top) * WIDTH) / box.width;
      let best = [Infinity, 0, -1];
      groups.forEach((points, g) => points.forEach((point, p) => {
        const gap = nearest(point.x - x, point.y - y);
        if (gap < best[0]) best = [gap, g, p];
      }));
      return best;
    }
    svg.addEventListener("pointermove", (event) => {
      const [gap, g, p] = find(event);
      if (gap < 3600) show(g, p); else hide();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("click", (event) => {
      const [gap, g, p] = find(event);
      if (gap < 3600) { show(g, p); groups[g][p].open?.(); }
    });
    svg.addEventListener("focus", () => { if (svg.matches(":focus-visible") && place < 0) show(group, 0); });
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const last = (groups[group] ?? []).length - 1;
      const sideways = { ArrowRight: Math.min(place + 1, last), ArrowLeft: Math.max(place - 1, 0), Home: 0, End: last }[event.key];
      const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (sideways !== undefined) show(group, sideways);
      else if (across !== undefined && groups.length > 1) {
        const next = (group + across + groups.length) % groups.length, x = groups[group]?.[place]?.x ?? 0;
        show(next, groups[next].reduce((best, point, p) => (Math.abs(point.x - x) < Math.abs(groups[next][best].x - x) ? p : best), 0));
      } else if ((event.key === "Enter" || event.key === " ") && groups[group]?.[place]?.open) groups[group][place].open();
      else if (event.key === "Escape") hide();
      else return;
      event.preventDefault();
    });
    holder.insertBefore(svg, tip);
    return svg;
  }

  // ---- lines

  function drawLines(holder, chart) {
    const xs = [], ys = [];
    for (const line of chart.series) line.y.forEach((y, i) => { if (y !== null && line.x[i] !== null) { xs.push(line.x[i]); ys.push(y); } });
    const x = scaleOf(chart.x, xs, LEFT + 8, WIDTH - RIGHT - 8), y = scaleOf(chart.y, ys, HEIGHT - BOTTOM - 4, TOP + 4);
    const svg = frame(holder, chart.title, x, y, chart.x.label, chart.y.label, RIGHT);
    const solid = chart.series.filter((line) => !line.faint), groups = [];
    for (const line of chart.series) {
      const at = Math.max(0, solid.indexOf(line)), look = `stroke: var(--c${at % 8})`;
      const points = line.y.map((v, i) => (v === null || line.x[i] === null ? null : { x: x.at(line.x[i]), y: y.at(v), text: `${line.name}: ${chart.x.label} ${written(line.x[i])}, ${written(v)}` }));
      const path = points.map((point, i) => (point ? `${points[i - 1] ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}` : "")).join("");
      make("path", { class: line.faint ? "line faint" : "line", d: path, style: look, "stroke-dasharray": DASHES[at % 4] }, svg);
      if (line.faint) continue;
      const known = points.filter(Boolean);
      groups.push(known);
      if (known.length <= 30) known.forEach((point) => make("circle", { cx: point.x, cy: point.y, r: 2.2, style: `fill: var(--c${at % 8})` }, svg));
    }
    answer(holder, svg, groups, (dx, dy) => dx * dx + dy * dy / 4);
    holder.querySelector(".legend")?.remove();
    if (solid.length > 1) {
      const legend = make("ul", { class: "legend" }, holder);
      solid.forEach((line, at) => {
        const item = make("li", {}, legend), sign = make("svg", { viewBox: "0 0 24 8", "aria-hidden": "true" }, item);
        make("path", { class: "line", d: "M0 4L24 4", style: `stroke: var(--c${at % 8})`, "stroke-dasharray": DASHES[at % 4] }, sign);
        item.append(line.name);
      });
    }
  }

  // ---- dots: one for each setting of a sweep

  function colour(share) {
    const at = Math.max(0, Math.min(0.9999, share)) * 4, k = Math.floor(at);
    return `rgb(${VIRIDIS[k].map((c, i) => Math.round(c + (VIRIDIS[k + 1][i] - c) * (at - k))).join(" ")})`;
  }

  function drawDots(holder, chart, number) {
    const names = Object.keys(chart.axes), measured = `validation ${chart.metric}`;
    const axes = { ...chart.axes, [measured]: {} };
    const value = (point, name) => (name === measured ? point.value : point.at[name]);
    let chosen = null, ring = null, places = new Map();

    const controls = make("div", { class: "controls" }, holder);
    const pick = (text, options, initial) => {
      const label = make("label", { text: `${text} ` }, controls), select = make("select", {}, label);
      for (const name of options) make("option", { value: name, text: name }, select);
      select.value = initial;
      select.addEventListener("change", redraw);
      return select;
    };
    const xPick = pick("across", names, names[0]), yPick = pick("up", [...names, measured], names.length > 1 ? names[1] : measured);

    function open(trial) {
      chosen = trial;
      mark();
      showFits(number, chart, trial);
    }

    function mark() {
      const at = places.get(chosen);
      ring.setAttribute("visibility", at ? "visible" : "hidden");
      if (at) for (const [key, value] of [["cx", at.x], ["cy", at.y]]) ring.setAttribute(key, value);
    }

    function redraw() {
      const gap = 66, xName = xPick.value, yName = yPick.value, [low, high] = chart.limits;
      const of = (name) => chart.points.map((point) => value(point, name)).filter((v) => v !== null && v !== undefined);
      const x = scaleOf(axes[xName], of(xName), LEFT + 14, WIDTH - gap - 14), y = scaleOf(axes[yName], of(yName), HEIGHT - BOTTOM - 12, TOP + 12);
      const svg = frame(holder, chart.title, x, y, xName, yName, gap);
      const bar = make("defs", {}, svg), shade = make("linearGradient", { id: `shade-${number}`, x1: 0, x2: 0, y1: 1, y2: 0 }, bar);
      VIRIDIS.forEach((_, i) => make("stop", { offset: i / 4, "stop-color": colour(i / 4) }, shade));
      make("rect", { x: WIDTH - gap + 10, y: TOP + 12, width: 10, height: HEIGHT - BOTTOM - TOP - 24, fill: `url(#shade-${number})` }, svg);
      for (const [v, at] of [[high, TOP + 18], [low, HEIGHT - BOTTOM - 12]]) make("text", { class: "tick", x: WIDTH - gap + 24, y: at, text: written(v) }, svg);
      const placed = [];
      places = new Map();
      ring = make("circle", { class: "chosen", r: 9 }, svg);
      for (const point of [...chart.points].reverse()) {
        const px = value(point, xName), py = value(point, yName);
        if (px === null || px === undefined) continue;
        const at = { x: x.at(px), y: py === null || py === undefined ? HEIGHT - BOTTOM - 12 : y.at(py), text: point.text, open: () => open(point.trial) };
        if (point.value === null) make("path", { class: "cross", d: `M${at.x - 4} ${at.y - 4}l8 8m0 -8l-8 8`, "data-trial": point.trial }, svg);
        else make("circle", { class: point.same ? "dot same" : "dot", cx: at.x, cy: at.y, r: 6, fill: colour(high > low ? (point.value - low) / (high - low) : 1), "data-trial": point.trial }, svg);
        places.set(point.trial, at);
        placed.push(at);
      }
      placed.sort((a, b) => a.x - b.x || b.y - a.y);
      const rows = new Map();
      for (const at of placed) rows.set(Math.round(at.y), [...(rows.get(Math.round(at.y)) ?? []), at]);
      const groups = rows.size <= 25 ? [...rows.entries()].sort((a, b) => a[0] - b[0]).map(([, points]) => points) : [placed];
      mark();
      answer(holder, svg, yName === measured ? [placed] : groups, (dx, dy) => dx * dx + dy * dy);
    }
    holder.openTrial = open;
    redraw();
  }

  function showFits(number, chart, trial) {
    const place = document.querySelector(`[data-fits="${number}"]`), point = chart.points.find((one) => one.trial === trial);
    place.replaceChildren();
    make("p", { class: "hint", text: point.text }, place);
    const fits = chart.fits[trial] ?? [], named = (line, fit) => ({ ...line, name: fits.length > 1 ? `${fit.name} ${line.name}` : line.name });
    const pair = [
      { title: `${chart.metric} after each epoch`, x: { label: "epoch" }, y: { label: chart.metric }, series: fits.flatMap((fit) => fit.accuracy.map((line) => named(line, fit))) },
      { title: "Loss of the batches", x: { label: "step" }, y: { label: "loss" }, series: fits.map((fit) => named(fit.loss, fit)) },
    ];
    for (const one of pair) {
      const holder = make("figure", { class: "chart" }, place);
      make("figcaption", { text: one.title }, holder);
      if (one.series.some((line) => line.y.some((v) => v !== null))) drawLines(holder, one);
      else make("p", { class: "hint", text: "nothing finite was recorded" }, holder);
    }
    for (const button of document.querySelectorAll(`[data-show="${number}"]`)) button.closest("tr").classList.toggle("shown", Number(button.dataset.trial) === trial);
  }

  // ---- the page

  for (const holder of document.querySelectorAll("[data-chart]")) {
    const number = Number(holder.dataset.chart), chart = charts[number];
    if (chart.kind === "dots") drawDots(holder, chart, number);
    else drawLines(holder, chart);
  }
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => document.querySelector(`[data-chart="${button.dataset.show}"]`).openTrial(Number(button.dataset.trial)));
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details.run").forEach((part) => { part.open = true; }));
})();
