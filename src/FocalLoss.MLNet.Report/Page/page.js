// The decision part of the page: counts, shares, costs and their intervals follow the threshold, and the pictures show where it is.
// All numbers are those of the held-out rows, which stand in the element "data". Text gets in by textContent only.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = id => document.getElementById(id);
  if (!byId("slider")) return; // nothing to decide
  const total = data.positives + data.negatives;
  const svgNames = "http://www.w3.org/2000/svg";

  // ---- numbers as text

  const digits = (value, places) => value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  const count = value => value.toLocaleString("en-US", { maximumFractionDigits: 1 });
  const signed = text => text.replace("-", "−");
  // Three digits, and all those before the point.
  function short(value) {
    const size = Math.abs(value);
    if (size === 0 || !isFinite(value)) return isFinite(value) ? "0" : "–";
    const places = Math.max(0, Math.min(8, 2 - Math.floor(Math.log10(size))));
    return signed(size >= 1e9 || size < 1e-6 ? value.toExponential(2) : digits(value, size < 1000 ? places : 0));
  }
  const percent = share => !isFinite(share) ? "–"
    : `${share === 0 || share === 1 ? share * 100 : share > .995 ? digits(share * 100, 2) : share < .0995 ? short(share * 100) : digits(share * 100, 1)} %`;

  // ---- intervals of shares: Clopper and Pearson, by the inverse of the incomplete beta function

  function logGamma(x) {
    // Stirling's series, from where it is exact to all digits.
    let below = 0;
    for (; x < 15; x++) below += Math.log(x);
    const square = 1 / (x * x);
    return (x - .5) * Math.log(x) - x + .5 * Math.log(2 * Math.PI) - below
      + (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / x;
  }
  // The share of a beta variable that lies below x: the continued fraction of the incomplete beta function, from the side where it is short.
  function betaShare(x, a, b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
    const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
    const away = value => Math.abs(value) < 1e-300 ? 1e-300 : value;
    let c = 1, d = 1 / away(1 - (a + b) * x / (a + 1)), fraction = d;
    for (let m = 1; m < 20000; m++) {
      let term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / away(1 + term * d); c = away(1 + term / c); fraction *= d * c;
      term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / away(1 + term * d); c = away(1 + term / c);
      fraction *= d * c;
      if (Math.abs(d * c - 1) < 1e-14) break;
    }
    return front * fraction;
  }
  function betaQuantile(p, a, b) {
    let low = 0, high = 1;
    for (let i = 0; i < 200; i++) {
      // Halving the logarithm finds small numbers fast.
      const middle = low > 0 && high / low > 4 ? Math.sqrt(low * high) : low === 0 && high > 1e-12 ? high / 16 : (low + high) / 2;
      if (betaShare(middle, a, b) < p) low = middle; else high = middle;
      if (high - low <= 1e-13 * high) break;
    }
    return (low + high) / 2;
  }
  // The 95 % interval of a share of so many rows, whole ones or not.
  function shareInterval(share, rows) {
    if (!(rows > 0)) return [0, 1];
    const hits = share * rows, others = rows - hits;
    if (hits > 2e4 && others > 2e4) {
      const distance = 1.959963984540054 * Math.sqrt(share * (1 - share) / rows);
      return [Math.max(0, share - distance), Math.min(1, share + distance)];
    }
    return [hits > 1e-9 ? Math.min(share, betaQuantile(.025, hits, others + 1)) : 0,
      others > 1e-9 ? Math.max(share, 1 - betaQuantile(.025, others, hits + 1)) : 1];
  }
  // The 95 % interval of a sum of shares with a factor each, of counts that add up to all rows: the distances of the ends of each share are
  // put together with the correlations of a multinomial distribution (Zou and Donner, 2008).
  // cells: [share, rows, factor]; that with the most rows follows from the others.
  function sumInterval(cells) {
    const most = cells.reduce((a, b) => b[0] > a[0] ? b : a);
    const rest = cells.filter(cell => cell !== most).map(([share, rows, factor]) => {
      const [low, high] = shareInterval(share, rows), f = factor - most[2];
      const below = f * (f > 0 ? share - low : share - high), above = f * (f > 0 ? high - share : low - share);
      return { share, value: f * share, below, above, sign: Math.sign(f) };
    });
    const value = most[2] + rest.reduce((sum, cell) => sum + cell.value, 0);
    let below = 0, above = 0;
    for (const a of rest) {
      for (const b of rest) {
        const r = a === b ? 1 : -a.sign * b.sign * Math.sqrt(a.share * b.share / ((1 - a.share) * (1 - b.share)));
        below += r * a.below * b.below;
        above += r * a.above * b.above;
      }
    }
    return { value, low: value - Math.sqrt(Math.max(0, below)), high: value + Math.sqrt(Math.max(0, above)) };
  }

  // ---- what a step means

  const costs = { fn: 0, fp: 0, tp: 0, tn: 0 };
  const counts = (model, step) => ({
    tp: model.tp[step], fp: model.fp[step], fn: data.positives - model.tp[step], tn: data.negatives - model.fp[step],
  });
  // What 1,000 rows cost; costs of right decisions are gains, which count against it.
  const costOf = c => 1000 / total * (costs.fn * c.fn + costs.fp * c.fp - costs.tp * c.tp - costs.tn * c.tn);
  const doingNothing = () => costOf({ tp: 0, fp: 0, fn: data.positives, tn: data.negatives });
  const ofPositives = total * (data.effectivePositives / data.positives || 1), ofNegatives = total * (data.effectiveNegatives / data.negatives || 1);
  const costInterval = c => sumInterval([
    [c.tp / total, ofPositives, -1000 * costs.tp], [c.fn / total, ofPositives, 1000 * costs.fn],
    [c.fp / total, ofNegatives, 1000 * costs.fp], [c.tn / total, ofNegatives, -1000 * costs.tn]]);
  // Against no alert at all only the alerts count.
  const savedInterval = c => sumInterval([
    [c.tp / total, ofPositives, 1000 * (costs.fn + costs.tp)], [c.fp / total, ofNegatives, -1000 * (costs.fp + costs.tn)],
    [(c.fn + c.tn) / total, total, 0]]);
  function lowestCost(model) {
    let best = 0;
    for (let i = 1; i < model.tp.length; i++) if (costOf(counts(model, i)) < costOf(counts(model, best)) - 1e-12) best = i;
    return best;
  }

  // ---- the state: a model and one of its steps

  let current = data.chosen, step = 0, shownModel = data.chosen;
  const model = () => data.models[current];
  const slider = byId("slider");

  // Where a threshold is on the slider, from 0 to 1. Probabilities are spread by their log-odds, as most lie near 0.
  function places(of) {
    const least = 1e-7, place = of.probabilities
      ? t => { const p = Math.min(1 - least, Math.max(least, t)); return Math.log(p / (1 - p)); } : t => t;
    // The outermost thresholds, no alert and all alerts, may be far away: they are a little beyond the others.
    const raw = of.thresholds.map(place), inner = raw.length > 3 ? raw.slice(1, -1) : raw;
    const low = Math.min(...inner), high = Math.max(...inner), margin = (high - low) * .03 || 1;
    const from = low - margin, to = high + margin;
    return {
      at: raw.map(r => (Math.min(to, Math.max(from, r)) - from) / (to - from)),
      of: t => (place(t) - from) / (to - from),
    };
  }
  for (const m of data.models) m.places = m.thresholds.length ? places(m) : { at: [], of: () => 0 };
  function nearest(m, place) {
    let best = 0;
    m.places.at.forEach((at, i) => { if (Math.abs(at - place) < Math.abs(m.places.at[best] - place)) best = i; });
    return best;
  }

  // ---- what the page says

  let announcing = 0;
  function show() {
    const m = model(), c = counts(m, step), t = m.thresholds[step];
    slider.value = m.places.at[step] * 1000;
    slider.setAttribute("aria-valuetext", `threshold ${t}, ${count(c.tp + c.fp)} alerts`);
    byId("threshold").value = t;
    for (const name of ["tp", "fp", "fn", "tn"]) byId(name).textContent = count(c[name]);
    const alerts = c.tp + c.fp;
    const recall = shareInterval(c.tp / data.positives, data.effectivePositives);
    byId("recall").textContent = percent(c.tp / data.positives);
    byId("recall-interval").textContent = data.positives > 0 ? `${percent(recall[0])} to ${percent(recall[1])}` : "";
    byId("precision").textContent = alerts > 0 ? percent(c.tp / alerts) : "no alerts";
    const right = c.tp * (data.effectivePositives / data.positives), wrong = c.fp * (data.effectiveNegatives / data.negatives);
    const precision = alerts > 0 ? shareInterval(c.tp / alerts, right + wrong) : null;
    byId("precision-interval").textContent = precision ? `${percent(precision[0])} to ${percent(precision[1])}` : "";
    byId("alerts").textContent = short(1000 * alerts / total);

    const cost = costInterval(c), saved = savedInterval(c), nothing = doingNothing();
    byId("cost-label").textContent = cost.value < 0 ? "Expected gain from 1,000 rows" : "Expected cost of 1,000 rows";
    const sign = cost.value < 0 ? -1 : 1, ends = [sign * cost.low, sign * cost.high].sort((a, b) => a - b);
    byId("cost").textContent = short(Math.abs(cost.value));
    byId("cost-interval").textContent = `between ${short(ends[0])} and ${short(ends[1])}`;
    const none = nothing < 0 ? `brings in ${short(-nothing)}` : `costs ${short(nothing)}`;
    byId("saved").textContent = alerts === 0 ? `This is doing nothing.`
      : saved.low > 0 ? `Doing nothing ${none}: this saves ${short(saved.value)} (${short(saved.low)} to ${short(saved.high)}).`
        : saved.high < 0 ? `Doing nothing ${none}: this is worse, by ${short(-saved.value)} (${short(-saved.high)} to ${short(-saved.low)}).`
          : `Doing nothing ${none}: whether this is better cannot be told (from ${short(saved.low)} to ${short(saved.high)} saved).`;
    const every = costOf({ tp: data.positives, fp: data.negatives, fn: 0, tn: 0 });
    byId("saved").textContent += ` An alert for every row ${every < 0 ? `would bring in ${short(-every)}` : `would cost ${short(every)}`}.`;
    for (const button of byId("policies").children) button.setAttribute("aria-pressed", String(Number(button.dataset.step) === step));
    drawCost();
    drawNow();
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      byId("status").textContent = `Threshold ${t}. ${count(c.tp)} found, ${count(c.fn)} missed, ${count(c.fp)} false alerts. `
        + `${byId("cost-label").textContent}: ${byId("cost").textContent}.`;
    }, 500);
  }
  function go(to) { step = Math.max(0, Math.min(model().thresholds.length - 1, to)); note(""); show(); }
  function note(text) {
    const field = byId("threshold");
    field.setAttribute("aria-invalid", String(text.startsWith("!")));
    byId("threshold-note").textContent = text ? text.replace("!", "") : model().probabilities
      ? "A probability: above it a row gets an alert." : "A score, as this model gives no probabilities: above it a row gets an alert.";
  }

  // Policies with the same threshold share a mark.
  function showPolicies() {
    const box = byId("policies"), m = model();
    box.replaceChildren();
    m.marks = [];
    const named = m.policies.map(([name, at]) => [name, at]);
    if (m.own >= 0) named.push(["the model's own threshold", m.own]);
    for (const [name, at] of named) {
      const same = m.marks.find(mark => mark.step === at);
      if (same) same.names.push(name); else m.marks.push({ step: at, names: [name] });
    }
    m.marks.forEach((mark, i) => {
      const button = document.createElement("button"), number = document.createElement("b");
      button.type = "button";
      button.dataset.step = mark.step;
      number.textContent = i + 1;
      button.append(number, `${mark.names.join(", ")}: ${m.thresholds[mark.step]}`);
      button.addEventListener("click", () => go(mark.step));
      box.append(button);
    });
  }
  function pick(index) {
    current = index;
    const m = model();
    step = m.own >= 0 ? m.own : lowestCost(m);
    if (m.policies.length && first) step = m.policies[0][1];
    byId("model").value = String(index);
    for (const part of document.querySelectorAll(".of-model")) part.hidden = Number(part.dataset.model) !== index;
    showPolicies();
    highlight(index);
    note("");
    show();
  }
  let first = true;

  // ---- drawing

  function element(name, attributes, text) {
    const made = document.createElementNS(svgNames, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function roundTicks(low, high, about) {
    const raw = (high - low) / about, size = 10 ** Math.floor(Math.log10(raw));
    const unit = size * (raw / size < 1.5 ? 1 : raw / size < 3.5 ? 2 : raw / size < 7.5 ? 5 : 10), ticks = [];
    for (let i = Math.ceil(low / unit - 1e-9); i * unit <= high * (1 + 1e-9) && ticks.length < 20; i++) ticks.push(i * unit);
    return ticks;
  }
  // The cost by the threshold, exactly above the slider: as wide as its way.
  function drawCost() {
    const box = byId("cost-picture"), width = Math.max(200, box.clientWidth || 600), height = 180, top = 34, bottom = 158, m = model();
    const values = m.tp.map((_, i) => costOf(counts(m, i))), nothing = doingNothing();
    const least = Math.min(...values), at = values[step];
    // Far above doing nothing it no longer matters how much.
    let most = Math.max(nothing, at, least), all = Math.max(...values);
    most = Math.min(all, most + .6 * (most - least)) || all;
    const margin = (most - least) * .06 || 1;
    const y = value => bottom - (value - least + margin) / (most - least + 2 * margin) * (bottom - top);
    // The script and the style sheet leave the same room for the labels.
    const gutter = 44, x = place => gutter + place * (width - gutter);
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `Expected cost of 1,000 rows by threshold: lowest ${short(least)}, here ${short(at)}, doing nothing ${short(nothing)}.` });
    const ticks = roundTicks(least, most, 3);
    for (const tick of ticks) svg.append(element("line", { x1: gutter, x2: width, y1: y(tick), y2: y(tick), class: "stroke-grid" }));
    svg.append(element("line", { x1: gutter, x2: width, y1: y(nothing), y2: y(nothing), class: "nothing" }));
    let line = "";
    m.places.at.forEach((place, i) => {
      const px = x(place), py = Math.max(-1e4, y(values[i]));
      // As between two thresholds nothing changes, a line of steps.
      line += line ? `H${px.toFixed(1)}V${py.toFixed(1)}` : `M${px.toFixed(1)} ${py.toFixed(1)}`;
    });
    // An inner picture cuts off what is above it.
    const inner = element("svg", { x: 0, y: top - 2, width, height: bottom - top + 4, viewBox: `0 ${top - 2} ${width} ${bottom - top + 4}` });
    inner.append(element("path", { d: line, class: "curve" }));
    svg.append(inner);
    const places = ticks.length > 1 ? Math.max(0, Math.ceil(-Math.log10(ticks[1] - ticks[0]) - 1e-9)) : 2;
    for (const tick of ticks) {
      const label = Math.abs(tick) < 1e6 && places < 5 ? signed(digits(tick, places)) : short(tick);
      svg.append(element("text", { x: gutter - 7, y: y(tick) + 4.5, "text-anchor": "end" }, label));
    }
    // Said where the curve is far away.
    const away = way => Math.min(...m.places.at.map((place, i) => Math.abs(place - way) < 60 / width ? Math.abs(y(values[i]) - y(nothing) + 8) : 1e9));
    const side = [.85, .7, .55, .4, .2].filter(way => Math.abs(way - m.places.at[step]) * width > 56).reduce((a, b) => Math.min(away(b), 40) > Math.min(away(a), 40) ? b : a);
    svg.append(element("text", { x: x(side), y: y(nothing) + (y(nothing) < top + 14 ? 14 : -4), "text-anchor": "middle", class: "halo" }, "doing nothing"));
    let labelled = -1e9;
    const labels = m.probabilities ? [1e-6, 1e-5, 1e-4, .001, .01, .1, .5, .9, .99, .999, .9999, .99999, .999999]
      : roundTicks(Math.min(...m.thresholds), Math.max(...m.thresholds), 5);
    for (const t of labels) {
      const px = x(m.places.of(t));
      if (!(px > gutter + 10 && px < width - 14)) continue;
      svg.append(element("line", { x1: px, x2: px, y1: bottom, y2: bottom + 4, class: "tick" }));
      if (px - labelled < 52) continue;
      svg.append(element("text", { x: px, y: height - 4, "text-anchor": "middle" }, String(Number(t.toPrecision(6)))));
      labelled = px;
    }
    svg.append(element("line", { x1: gutter, x2: width, y1: bottom, y2: bottom, class: "stroke-axis" }));
    const px = x(m.places.at[step]);
    svg.append(element("line", { x1: px, x2: px, y1: top - 6, y2: bottom, class: "now-line" }));
    svg.append(element("circle", { cx: px, cy: y(at), r: 6, class: "now" }));
    // Marks that would cover each other move up or aside.
    let before = -1e9;
    for (const [i, mark] of [...m.marks.entries()].sort((a, b) => m.places.at[a[1].step] - m.places.at[b[1].step])) {
      const wanted = x(m.places.at[mark.step]), shown = Math.max(before + 21, Math.min(width - 10, Math.max(gutter, wanted)));
      before = shown;
      const group = element("g", { class: mark.step === step ? "mark on" : "mark" });
      group.append(element("line", { x1: wanted, x2: shown, y1: top - 4, y2: 18, class: "tick" }),
        element("circle", { cx: shown, cy: 11, r: 10 }), element("text", { x: shown, y: 15 }, String(i + 1)));
      svg.append(group);
    }
    box.replaceChildren(svg);
  }

  // A picture's own scales, as it was drawn with them.
  function plotOf(name) {
    const svg = document.querySelector(`#${name} .plot svg`);
    if (!svg) return null;
    const [left, top, width, height] = svg.dataset.area.split(" ").map(Number), [x0, x1, y0, y1] = svg.dataset.range.split(" ").map(Number);
    const scale = svg.dataset.scale;
    const stretch = scale === "Log" ? v => Math.log10(v) : scale === "Root" ? Math.sqrt : v => v;
    const shrink = scale === "Log" ? v => 10 ** v : scale === "Root" ? v => v * v : v => v;
    const up = scale === "Root" ? Math.sqrt : v => v;
    return {
      svg, left, top, width, height,
      x: v => left + Math.min(1, Math.max(0, (stretch(v) - x0) / (x1 - x0))) * width,
      y: v => top + height - (up(v) - y0) / (y1 - y0) * height,
      valueAt: pixel => shrink(x0 + (pixel - left) / width * (x1 - x0)),
      layer(kind) {
        let group = svg.querySelector(`g.${kind}`);
        if (!group) svg.append(group = element("g", { class: kind }));
        group.replaceChildren();
        return group;
      },
    };
  }
  const curves = {
    "precision-recall": { across: c => c.tp / data.positives, up: c => c.tp / (c.tp + c.fp), words: ["At recall", "precision"] },
    "roc": { across: c => c.fp / data.negatives, up: c => c.tp / data.positives, words: ["At a false-positive rate of", "recall"] },
    "gain": { across: c => (c.tp + c.fp) / total, up: c => c.tp / data.positives, words: ["With alerts for", "recall"] },
  };
  const plots = {};
  for (const name of [...Object.keys(curves), "reliability"]) plots[name] = plotOf(name);

  // Where the threshold is, in all pictures.
  function drawNow() {
    const m = model(), c = counts(m, step);
    for (const [name, curve] of Object.entries(curves)) {
      const plot = plots[name];
      if (!plot) continue;
      const layer = plot.layer("here"), px = curve.across(c), py = curve.up(c);
      if (!isFinite(py)) continue;
      layer.append(element("circle", { cx: plot.x(px), cy: plot.y(py), r: 5.5, class: "now" }));
    }
    const t = m.thresholds[step];
    if (plots.reliability) {
      const plot = plots.reliability, layer = plot.layer("here");
      if (m.probabilities && t >= 0 && t <= 1)
        layer.append(element("line", { x1: plot.x(t), x2: plot.x(t), y1: plot.top, y2: plot.top + plot.height, class: "now-line" }));
    }
    const scores = plotOf(`scores-${current + 1}`);
    if (scores && m.edges.length > 1) {
      // Bins are equally wide in the picture; within one the way is that of the log-odds, or of the score.
      const clamp = v => m.probabilities ? Math.log(Math.min(1 - 1e-7, Math.max(1e-7, v)) / (1 - Math.min(1 - 1e-7, Math.max(1e-7, v)))) : v;
      let bin = m.edges.findIndex(edge => edge >= t);
      bin = bin < 0 ? m.edges.length - 1 : Math.max(1, bin);
      const way = (clamp(t) - clamp(m.edges[bin - 1])) / (clamp(m.edges[bin]) - clamp(m.edges[bin - 1])) || 0;
      const px = scores.x(bin - 1 + Math.min(1, Math.max(0, way))), layer = scores.layer("here");
      layer.append(element("line", { x1: px, x2: px, y1: scores.top, y2: scores.top + scores.height, class: "now-line" }));
    }
  }

  // The model whose bands are seen and whose line stands out.
  function highlight(index) {
    shownModel = index;
    for (const plot of Object.values(plots)) {
      if (!plot) continue;
      plot.svg.classList.add("picked");
      for (const part of plot.svg.querySelectorAll("[class*=' m']")) part.classList.toggle("on", part.classList.contains(`m${index}`));
    }
    for (const button of document.querySelectorAll("#legend button"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.model) === index));
  }

  // ---- values on hovering, and with the arrow keys when a picture has the focus

  function bandAt(band, at) {
    const [xs, low, high] = band;
    const i = xs.findIndex(x => x >= at);
    if (i < 0 || xs.length < 2) return null;
    if (i === 0) return xs[0] === at ? [low[0], high[0]] : null;
    const way = (at - xs[i - 1]) / (xs[i] - xs[i - 1]);
    return [low[i - 1] + way * (low[i] - low[i - 1]), high[i - 1] + way * (high[i] - high[i - 1])];
  }
  function readCurve(name, at) {
    const curve = curves[name], plot = plots[name], layer = plot.layer("read"), box = byId(`readout-${name}`);
    box.replaceChildren(`${curve.words[0]} ${percent(at)}: ${curve.words[1]} `);
    layer.append(element("line", { x1: plot.x(at), x2: plot.x(at), y1: plot.top, y2: plot.top + plot.height, class: "guide" }));
    data.models.forEach((m, i) => {
      const found = m.tp.findIndex((_, k) => curve.across(counts(m, k)) >= at - 1e-9 && isFinite(curve.up(counts(m, k))));
      if (found < 0) return;
      const value = curve.up(counts(m, found)), band = i === shownModel ? bandAt(m.bands[name], at) : null;
      const strong = document.createElement("b"), label = document.createElement("bdi");
      strong.textContent = percent(value);
      label.textContent = m.name;
      box.append(i > 0 ? " · " : "", label, " ", strong, band && band.every(isFinite) ? ` (${percent(band[0])} to ${percent(band[1])})` : "");
      layer.append(element("circle", { cx: plot.x(at), cy: plot.y(value), r: 3.5, class: `fill-model c${i % 8}` }));
    });
  }
  function readReliability(at) {
    const plot = plots.reliability, layer = plot.layer("read"), box = byId("readout-reliability"), m = data.models[shownModel];
    if (!m.reliability.length) return;
    const group = m.reliability.reduce((a, b) => Math.abs(plot.x(b[0]) - plot.x(at)) < Math.abs(plot.x(a[0]) - plot.x(at)) ? b : a);
    const label = document.createElement("bdi"), strong = document.createElement("b");
    label.textContent = m.name;
    strong.textContent = percent(group[1]);
    box.replaceChildren(label, ` says ${percent(group[0])} of ${count(group[4])} rows: `, strong, ` are positive (${percent(group[2])} to ${percent(group[3])})`);
    layer.append(element("circle", { cx: plot.x(group[0]), cy: plot.y(group[1]), r: 6, class: "now" }));
    return group[0];
  }
  for (const [name, plot] of Object.entries(plots)) {
    if (!plot) continue;
    const holder = plot.svg.parentElement, box = byId(`readout-${name}`);
    const rest = name === "reliability" ? "Point at the picture for the figures of a group of rows." : "Point at the picture for values; the ring is the threshold.";
    box.textContent = rest;
    const read = at => name === "reliability" ? readReliability(at) : readCurve(name, at);
    const fromPointer = event => {
      const box = plot.svg.getBoundingClientRect(), pixel = (event.clientX - box.left) / box.width * plot.svg.viewBox.baseVal.width;
      if (pixel >= plot.left - 4 && pixel <= plot.left + plot.width + 4)
        read(plot.valueAt(Math.min(plot.left + plot.width, Math.max(plot.left, pixel))));
    };
    const leave = () => { plot.layer("read"); box.textContent = rest; };
    holder.addEventListener("pointermove", fromPointer);
    holder.addEventListener("pointerdown", fromPointer);
    holder.addEventListener("pointerleave", leave);
    let way = .5;
    holder.addEventListener("focus", () => read(plot.valueAt(plot.left + way * plot.width)));
    holder.addEventListener("blur", leave);
    holder.addEventListener("keydown", event => {
      const by = { ArrowLeft: -.02, ArrowRight: .02, Home: -1, End: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      way = Math.min(1, Math.max(0, way + by));
      read(plot.valueAt(plot.left + way * plot.width));
    });
  }

  // ---- what the reader does

  function number(text) {
    const plain = text.trim().replace("−", "-").replace(/^\+/, "");
    return /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) && isFinite(Number(plain)) ? Number(plain) : NaN;
  }
  for (const name of Object.keys(costs)) {
    const field = byId(`cost-${name}`);
    costs[name] = number(field.value);
    field.addEventListener("input", () => {
      const value = number(field.value), isRight = !isNaN(value) && Math.abs(value) <= 1e12;
      field.setAttribute("aria-invalid", String(!isRight));
      byId(`cost-${name}-problem`).textContent = isRight ? "" : `Not a number such as 12.5: ${costs[name]} is still used.`;
      if (!isRight) return;
      costs[name] = value;
      show();
    });
  }
  slider.addEventListener("input", () => go(nearest(model(), slider.value / 1000)));
  slider.addEventListener("keydown", event => {
    // To the right the threshold rises, which is to stricter steps: those come first.
    const by = { ArrowRight: -1, ArrowUp: -1, ArrowLeft: 1, ArrowDown: 1, PageUp: -20, PageDown: 20, Home: 1e9, End: -1e9 }[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(step + by);
  });
  byId("threshold").addEventListener("change", () => {
    const typed = byId("threshold").value, value = number(typed), m = model();
    if (isNaN(value)) { note(`!Not a number such as 0.25: the threshold is still ${m.thresholds[step]}.`); return; }
    if (m.probabilities && (value < 0 || value > 1)) { note(`!A probability is between 0 and 1: the threshold is still ${m.thresholds[step]}.`); return; }
    go(m.thresholds.reduce((best, t, i) => Math.abs(m.places.of(t) - m.places.of(value)) < Math.abs(m.places.of(m.thresholds[best]) - m.places.of(value)) ? i : best, 0));
    if (m.thresholds[step] !== value) note(`The nearest threshold that this page has counts for, to ${value}.`);
  });
  byId("lowest").addEventListener("click", () => go(lowestCost(model())));
  byId("model").addEventListener("change", () => pick(Number(byId("model").value)));
  for (const button of document.querySelectorAll("#legend button")) {
    const index = Number(button.dataset.model);
    button.addEventListener("pointerenter", () => highlight(index));
    button.addEventListener("focus", () => highlight(index));
    button.addEventListener("pointerleave", () => highlight(current));
    button.addEventListener("blur", () => highlight(current));
    button.addEventListener("click", () => pick(index));
  }
  new ResizeObserver(drawCost).observe(byId("cost-picture"));
  window.addEventListener("beforeprint", drawCost);
  pick(current);
  first = false;
})();
