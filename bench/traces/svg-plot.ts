export type Series = { name: string; points: [x: number, y: number][] }
type Axis = {
  label: string
  ticks: { at: number; text: string }[]
  least: number
  most: number
  log?: boolean
}
export type Plot = { title: string; x: Axis; y: Axis; series: Series[] }

const width = 760
const height = 400
const box = { left: 70, right: 540, top: 40, bottom: 345 }
const colours = ['#0b6e99', '#d1495b', '#edae49', '#3d5a3d', '#7b5ea7', '#8a8a8a', '#00798c', '#b5651d']

/** A line plot as an SVG picture, with its legend at the right. Axes are linear or logarithmic. */
export function svgPlot({ title, x, y, series }: Plot): string {
  const across = scale(x, box.left, box.right)
  const up = scale(y, box.bottom, box.top)
  const lines = series.map(({ points }, at) => {
    const path = points.map(([px, py]) => `${across(px)},${up(py)}`).join(' ')
    return `<polyline fill="none" stroke="${colourOf(at)}" stroke-width="1.8" points="${path}"/>`
  })
  const legend = series.map(({ name }, at) => {
    const top = box.top + 12 + at * 20
    return `<rect x="558" y="${top - 6}" width="16" height="3" fill="${colourOf(at)}"/>${text(580, top, name)}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(box.left, 22, title, 'font-size="14" font-weight="bold"'),
    ...x.ticks.map((tick) => gridLine(across(tick.at), box.top, across(tick.at), box.bottom)),
    ...y.ticks.map((tick) => gridLine(box.left, up(tick.at), box.right, up(tick.at))),
    ...x.ticks.map((tick) => text(across(tick.at), box.bottom + 18, tick.text, 'text-anchor="middle"')),
    ...y.ticks.map((tick) => text(box.left - 8, up(tick.at) + 4, tick.text, 'text-anchor="end"')),
    text((box.left + box.right) / 2, box.bottom + 40, x.label, 'text-anchor="middle"'),
    text(18, 200, y.label, 'text-anchor="middle" transform="rotate(-90 18 200)"'),
    ...lines,
    ...legend,
    '</svg>\n',
  ].join('\n')
}

function scale({ least, most, log }: Axis, from: number, to: number): (value: number) => number {
  const place = (value: number) => (log ? Math.log10(Math.max(least, value)) : value)
  const span = place(most) - place(least)
  return (value) => Math.round(10 * (from + ((place(value) - place(least)) / span) * (to - from))) / 10
}

function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`
}

function text(x: number, y: number, words: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function colourOf(at: number): string {
  return colours[at % colours.length]!
}
