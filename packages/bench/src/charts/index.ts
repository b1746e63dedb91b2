/** Plain SVG charts: bars and lines. They know nothing of benchmarks. */
export { type BarChart, barChart } from './bar-chart.js'
export { type LineChart, lineChart } from './line-chart.js'
