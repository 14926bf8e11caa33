// Charts of boards and of the wall, drawn from the rows their tables show.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

// Colours are CSS tokens; a canvas needs their values in the current theme.
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
const SERIES = { due: "orange-fill", moved: "red-fill", opened: "category-2", closed: "category-1", count: "category-1" };

// A wall is read from across a room.
const SIZE = document.body.classList.contains("wall") ? 16 : 12;

function frame(figure) {
  const font = getComputedStyle(document.body).fontFamily;
  const axis = { axisLabel: { color: colour("faint"), fontSize: SIZE }, axisLine: { lineStyle: { color: colour("edge") } }, axisTick: { show: false } };
  return {
    animation: false,
    aria: { enabled: true, label: { description: figure.querySelector("figcaption").textContent } },
    textStyle: { fontFamily: font, color: colour("ink") },
    // Rich text on the canvas: an HTML tooltip needs inline styles, which the policy refuses.
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("paper"), borderColor: colour("line"), textStyle: { color: colour("ink"), fontSize: 13 } },
    grid: { left: 4, right: 12, top: 26, bottom: 4, containLabel: true },
    axis,
    value: { type: "value", minInterval: 1, ...axis, axisLine: { show: false }, splitLine: { lineStyle: { color: colour("line") } } },
  };
}

function hours(figure, rows, series, key) {
  const { axis, value, ...base } = frame(figure);
  const closed = closedHours(rows, key, figure.dataset.office);
  const bars = series.map(([name, field], place) => ({
    name, type: "bar", stack: "all", barMaxWidth: 26, data: rows.map((row) => row[field] || null),
    itemStyle: { color: colour(SERIES[field]) }, cursor: "pointer",
    markArea: place ? undefined : { silent: true, itemStyle: { color: colour("sunk") }, label: { color: colour("faint"), fontSize: SIZE, position: "insideTop", distance: 3 }, data: closed },
    label: place === series.length - 1 ? { show: true, position: "top", color: colour("ink"), fontSize: SIZE, fontWeight: 600, formatter: ({ dataIndex }) => total(rows[dataIndex], series) } : undefined,
  }));
  // The figure on top of a bar belongs to the whole of it, so the last part is always there.
  bars.at(-1).data = rows.map((row) => (total(row, series) ? row[series.at(-1)[1]] : null));
  return { ...base, legend: legend(), xAxis: { type: "category", data: rows.map((row) => row[key]), ...axis }, grid: { ...base.grid, top: 30 }, yAxis: { ...value, max: withRoom, splitNumber: 3 }, series: bars };
}
// Above the highest bar stay its figure and the name of the hours that are no office hours.
function withRoom({ max }) {
  return Math.max(2, Math.ceil(max * 1.45));
}
function total(row, series) {
  return series.reduce((sum, [, field]) => sum + row[field], 0) || "";
}
function closedHours(rows, key, name) {
  const areas = [];
  rows.forEach((row, place) => {
    if (row.office) return;
    if (place && !rows[place - 1].office) areas.at(-1)[1] = { xAxis: row[key] };
    else areas.push([{ xAxis: row[key], first: place }, { xAxis: row[key] }]);
  });
  // The widest band has room for the name.
  const width = ([from, to]) => rows.findIndex((row) => row[key] === to.xAxis) - from.first;
  const widest = areas.reduce((best, area) => (best && width(best) >= width(area) ? best : area), null);
  if (widest) widest[0].name = name;
  return areas;
}
function legend() {
  return { left: 0, top: 0, itemWidth: 10, itemHeight: 10, icon: "roundRect", textStyle: { color: colour("soft"), fontSize: SIZE } };
}

function days(figure, rows, series, key) {
  const { axis, value, ...base } = frame(figure);
  const lines = series.map(([name, field], place) => ({
    name, type: "line", showSymbol: false, data: rows.map((row) => row[field]),
    lineStyle: { color: colour(SERIES[field]), width: 2, type: place ? "dashed" : "solid" }, itemStyle: { color: colour(SERIES[field]) },
    endLabel: { show: true, formatter: `${name} {@[1]}`.replace("{@[1]}", rows.at(-1)?.[field] ?? ""), color: colour(SERIES[field]), fontSize: SIZE, fontWeight: 600 },
    labelLayout: { moveOverlap: "shiftY" },
  }));
  return { ...base, grid: { ...base.grid, right: roomFor(lines), top: 12 }, xAxis: { type: "category", boundaryGap: false, data: rows.map((row) => row[key]), ...axis, axisLabel: { ...axis.axisLabel, interval: 9 } }, yAxis: value, series: lines };
}

// The words at the ends of lines, whole: a figure that is cut is another figure.
function roomFor(lines) {
  const wide = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 1 : 0.62), 0);
  return Math.ceil(SIZE * Math.max(...lines.map((line) => wide(line.endLabel.formatter))) + SIZE);
}

function shares(figure, rows, series, key) {
  const { axis, value, ...base } = frame(figure);
  const [[name, field]] = series;
  const bars = { name, type: "bar", barMaxWidth: 18, data: rows.map((row) => row[field]), itemStyle: { color: colour(SERIES[field]), borderRadius: 3 }, cursor: "pointer", label: { show: true, position: "right", color: colour("ink"), fontWeight: 600 } };
  return { ...base, grid: { ...base.grid, top: 4, right: 36 }, xAxis: { ...value, show: false }, yAxis: { type: "category", inverse: true, data: rows.map((row) => row[key]), ...axis, axisLabel: { color: colour("ink"), fontSize: 13, width: 150, overflow: "break" } }, series: [bars] };
}

const KINDS = { hours, days, shares };
const drawn = [];
function draw(figure) {
  const rows = JSON.parse(figure.dataset.rows);
  const series = JSON.parse(figure.dataset.series);
  const canvas = figure.querySelector(".canvas");
  if (figure.dataset.chart === "shares") canvas.classList.add(rows.length > 4 ? "tall" : "low");
  const chart = echarts.getInstanceByDom(canvas) ?? echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(KINDS[figure.dataset.chart](figure, rows, series, figure.dataset.key), true);
  chart.off("click");
  chart.on("click", ({ dataIndex }) => {
    if (rows[dataIndex]?.href) location.href = rows[dataIndex].href;
  });
  return chart;
}
export function drawAll() {
  drawn.splice(0).forEach(([, chart]) => chart.dispose());
  for (const figure of document.querySelectorAll("[data-chart]")) drawn.push([figure, draw(figure)]);
}
drawAll();
const redraw = () => drawn.forEach(([figure]) => draw(figure));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new ResizeObserver(() => isOnPaper || drawn.forEach(([, chart]) => chart.resize())).observe(document.querySelector("main"));

// On paper a picture is light, and as large as half a sheet: a bitmap that is scaled has labels nobody reads.
let isOnPaper = false;
addEventListener("beforeprint", () => onPaper(true));
addEventListener("afterprint", () => onPaper(false));
function onPaper(is) {
  isOnPaper = is;
  document.documentElement.classList.toggle("on-paper", is);
  for (const [figure, chart] of drawn) {
    const height = figure.querySelector(".canvas.tall") ? 260 : 150;
    chart.resize(is ? { width: 280, height } : { width: "auto", height: "auto" });
  }
  redraw();
}

