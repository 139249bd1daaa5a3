// The data_visualization block as SVG.
import { h, svg } from "./dom.js";

const COLORS = ["#2f7fd1", "#e07b39", "#2a9d74", "#a35bc2", "#d1495b", "#c2a01e", "#4b8f9c", "#8a6d5b"];
const WIDTH = 600;
const HEIGHT = 200;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 10;

export function chart(block) {
  const { chart: data } = block;
  const [drawing, names] = data.type === "pie" ? pie(data) : axes(data);
  const legend =
    names.length > 1 || data.type === "pie" ? h("div", { class: "legend" }, names.map(swatch)) : null;
  return h("div", { class: "chart" }, h("div", { class: "title" }, block.title), drawing, legend);
}

function swatch(name, index) {
  const dot = h("i");
  dot.style.background = COLORS[index % COLORS.length];
  return h("span", {}, dot, name);
}

function axes(data) {
  const values = data.series.flatMap((line) => line.data.map((point) => point.value));
  const top = Math.max(...values, 0) || 1;
  const low = Math.min(...values, 0);
  const count = data.axis_config.categories.length;
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (top - low));
  const band = (WIDTH - LEFT - 8) / count;
  const x = (index) => LEFT + band * (index + 0.5);
  const root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  for (const value of [low, (low + top) / 2, top]) {
    root.append(
      svg("line", { class: "grid", x1: LEFT, x2: WIDTH - 8, y1: y(value), y2: y(value) }),
      svg("text", { x: LEFT - 6, y: y(value) + 3, "text-anchor": "end" }, short(value)),
    );
  }
  const every = Math.ceil(count / 10);
  data.axis_config.categories.forEach((label, index) => {
    if (index % every === 0)
      root.append(svg("text", { x: x(index), y: HEIGHT - 8, "text-anchor": "middle" }, label));
  });
  const draw = data.type === "bar" ? bars : line;
  data.series.forEach((series, index) =>
    root.append(
      ...draw(series, index, { x, y, band, low, lines: data.series.length, area: data.type === "area" }),
    ),
  );
  return [root, data.series.map((series) => series.name)];
}

function line(series, index, { x, y, low, area }) {
  const color = COLORS[index % COLORS.length];
  const points = series.data.map((point, at) => `${x(at)},${y(point.value)}`);
  const nodes = [
    svg("polyline", {
      points: points.join(" "),
      fill: "none",
      stroke: color,
      "stroke-width": 2,
      "stroke-linejoin": "round",
    }),
  ];
  if (area)
    nodes.unshift(
      svg("polygon", {
        points: `${x(0)},${y(low)} ${points.join(" ")} ${x(points.length - 1)},${y(low)}`,
        fill: color,
        opacity: 0.18,
      }),
    );
  if (points.length < 3)
    nodes.push(
      ...series.data.map((point, at) => svg("circle", { cx: x(at), cy: y(point.value), r: 3, fill: color })),
    );
  return nodes;
}

function bars(series, index, { x, y, band, lines }) {
  const width = (band * 0.7) / lines;
  return series.data.map((point, at) => {
    const from = y(Math.max(point.value, 0));
    return svg("rect", {
      x: x(at) - band * 0.35 + index * width,
      y: from,
      width: Math.max(width - 1, 1),
      height: Math.abs(y(0) - y(point.value)),
      rx: 2,
      fill: COLORS[index % COLORS.length],
    });
  });
}

function pie(data) {
  const total = data.segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
  let angle = -Math.PI / 2;
  const root = svg("svg", { viewBox: "0 0 600 170", role: "img" });
  data.segments.forEach((segment, index) => {
    const sweep = Math.min((segment.value / total) * 2 * Math.PI, 2 * Math.PI - 0.0001);
    const at = (turn) => `${300 + 75 * Math.cos(turn)} ${85 + 75 * Math.sin(turn)}`;
    root.append(
      svg("path", {
        d: `M300 85 L${at(angle)} A75 75 0 ${sweep > Math.PI ? 1 : 0} 1 ${at(angle + sweep)} Z`,
        fill: COLORS[index % COLORS.length],
      }),
    );
    angle += sweep;
  });
  return [
    root,
    data.segments.map((segment) => `${segment.label} ${Math.round((100 * segment.value) / total)}%`),
  ];
}

const short = (value) =>
  Math.abs(value) >= 1000 ? `${+(value / 1000).toFixed(1)}k` : String(+value.toFixed(2));
