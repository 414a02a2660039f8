/** Which ASCII characters are meant, and whether all others are. */
type Characters = { ascii: boolean[]; others: boolean }
type Item = Characters & { times: 'one' | 'optional' | 'any' }
type Branch = { fromStart: boolean; toEnd: boolean; items: Item[] }

/** A parsed regular expression: its alternatives. */
export type LogRegex = Branch[]

/** Copies that `{m,n}` may ask for, and items of all alternatives. */
const repetitionsMost = 100
const itemsMost = 250

/**
 * Parses the regular expressions of CloudWatch Logs' patterns: `^ $ ? * + . | [ ] { } \`, letters, digits, some symbols,
 * no groups. Undefined for what is none.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseLogRegex(source: string): LogRegex | undefined {
  const branches: Branch[] = []
  const parser = new Parser(source)
  do {
    const branch = parser.branch()
    if (!branch) return undefined
    branches.push(branch)
  } while (parser.take('|'))
  if (!parser.isAtEnd) return undefined
  return branches.reduce((sum, { items }) => sum + items.length, 0) <= itemsMost ? branches : undefined
}

/** Whether the expression is found in the line. Takes time by their lengths multiplied, never more. */
export function matchesLogRegex(regex: LogRegex, line: string): boolean {
  return regex.some((branch) => matchesBranch(branch, line))
}

/** Follows all ways through the items at once: `at[i]` says that the items before `i` have matched up to here. */
function matchesBranch({ fromStart, toEnd, items }: Branch, line: string): boolean {
  const end = items.length
  let at: boolean[] = []
  const enter = (places: boolean[], from: number) => {
    for (let place = from; !places[place]; place++) {
      places[place] = true
      if (place === end || items[place]!.times === 'one') return
    }
  }
  enter(at, 0)
  for (let i = 0; i < line.length; i++) {
    if (at[end] && !toEnd) return true
    const code = line.charCodeAt(i)
    const next: boolean[] = []
    for (let place = 0; place < end; place++) {
      const item = items[place]!
      if (!at[place] || !(code < 128 ? item.ascii[code] : item.others)) continue
      enter(next, item.times === 'any' ? place : place + 1)
    }
    if (!fromStart) enter(next, 0)
    at = next
  }
  return at[end] ?? false
}

class Parser {
  private readonly source: string
  private at = 0

  constructor(source: string) {
    this.source = source
  }

  get isAtEnd(): boolean {
    return this.at === this.source.length
  }

  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** One alternative, or undefined where something is not understood. */
  branch(): Branch | undefined {
    const fromStart = this.take('^')
    const items: Item[] = []
    while (!this.isAtEnd && !'|$'.includes(this.source[this.at]!)) {
      const characters = this.characters()
      const times = characters && this.repetition()
      if (!times) return undefined
      for (let i = 0; i < times.least; i++) items.push({ ...characters, times: 'one' })
      if (times.most === undefined) items.push({ ...characters, times: 'any' })
      for (let i = times.least; i < (times.most ?? 0); i++) items.push({ ...characters, times: 'optional' })
      if (items.length > itemsMost) return undefined
    }
    return { fromStart, toEnd: this.take('$'), items }
  }

  private repetition(): { least: number; most?: number } | undefined {
    if (this.take('?')) return { least: 0, most: 1 }
    if (this.take('*')) return { least: 0 }
    if (this.take('+')) return { least: 1 }
    if (!this.take('{')) return { least: 1, most: 1 }
    const [text, least, comma, most] = this.match(/(\d{1,3})(,?)(\d{0,3})\}/y) ?? []
    if (!text || Number(least) > repetitionsMost || (!comma && most)) return undefined
    if (comma && !most) return { least: Number(least) }
    const bound = comma ? Number(most) : Number(least)
    return bound >= Number(least) && bound <= repetitionsMost
      ? { least: Number(least), most: bound }
      : undefined
  }

  private characters(): Characters | undefined {
    if (this.take('[')) return this.characterClass()
    if (this.take('.')) return complement(oneOf('\n\r'))
    return this.character(plain)
  }

  private characterClass(): Characters | undefined {
    const isNegated = this.take('^')
    const ascii: boolean[] = []
    let others = false
    while (!this.take(']')) {
      const range = this.match(/([A-Za-z0-9])-([A-Za-z0-9])/y)
      const some = range ? between(range[1]!, range[2]!) : this.character(plainInClass)
      if (!some) return undefined
      some.ascii.forEach((isMeant, code) => {
        if (isMeant) ascii[code] = true
      })
      others ||= some.others
    }
    return isNegated ? complement({ ascii, others }) : { ascii, others }
  }

  /** An escape, or a character that stands for itself. */
  private character(itself: RegExp): Characters | undefined {
    const hex = this.match(/\\x([0-7][0-9A-Fa-f])/y)?.[1]
    if (hex) return oneOf(String.fromCharCode(Number.parseInt(hex, 16)))
    const escaped = this.match(/\\([^A-Za-z0-9])/y)?.[1]
    if (escaped) return escaped < '\x80' ? oneOf(escaped) : undefined
    const kind = this.match(/\\([dDsSwW])/y)?.[1]
    if (kind) {
      const named = kinds[kind.toLowerCase()]!
      return kind === kind.toLowerCase() ? named : complement(named)
    }
    const text = this.match(itself)?.[0]
    return text ? oneOf(text) : undefined
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.source)
    if (!found) return undefined
    this.at = pattern.lastIndex
    return found
  }
}

const plain = /[A-Za-z0-9:_#=@/;, -]/y
const plainInClass = /[A-Za-z0-9:_#=@/;, .?*+$|{}-]/y
const kinds: Record<string, Characters> = {
  d: oneOf('0123456789'),
  s: { ...oneOf(' \t\n\v\f\r'), others: false },
  w: oneOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_'),
}

function oneOf(characters: string): Characters {
  const ascii: boolean[] = []
  for (const character of characters) ascii[character.charCodeAt(0)] = true
  return { ascii, others: false }
}

function between(first: string, last: string): Characters | undefined {
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)]
  return from <= to
    ? oneOf(Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).join(''))
    : undefined
}

function complement({ ascii, others }: Characters): Characters {
  return { ascii: Array.from({ length: 128 }, (_, code) => !ascii[code]), others: !others }
}
