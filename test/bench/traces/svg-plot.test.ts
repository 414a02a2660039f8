import { expect, test } from 'vitest'
import { svgPlot } from '../../../bench/traces/svg-plot.ts'

test('draws each series along its axes, names it in the legend, and lets no name break the picture', () => {
  const axis = { label: 'days', least: 0, most: 10, ticks: [{ at: 5, text: 'five' }] }
  const svg = svgPlot({
    title: 'who waited <how> long & why',
    x: axis,
    y: { ...axis, least: 1, most: 100, log: true },
    series: [
      {
        name: 'FCFS & EASY',
        points: [
          [0, 1],
          [5, 10],
          [10, 100],
        ],
      },
    ],
  })
  expect(svg).toContain('<title>who waited &lt;how> long &amp; why</title>')
  expect(svg).toContain('points="70,345 305,192.5 540,40"')
  expect(svg).toContain('>FCFS &amp; EASY</text>')
  expect(svg.match(/>five<\/text>/g)).toHaveLength(2)
})
