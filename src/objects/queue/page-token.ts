import { hash53 } from '../../core/model/ids.ts'
import { refused } from '../../core/model/outcome.ts'

/** The refusal of a token that this query did not give. */
export const foreignToken = () => refused('nextToken: not a token of this operation and its other members')

/** Where a page stopped, as an opaque text that only the same query takes back. */
export function pageToken(query: object, at: number | undefined): { nextToken?: string } {
  return at === undefined ? {} : { nextToken: btoa(`jobs:${at}:${digest(query)}`) }
}

/** Where the page before stopped, or undefined for what is no token of the query. Never throws. */
export function tokenPlace(query: object, token: string): number | undefined {
  try {
    const match = /^jobs:(\d{1,16}):([0-9a-z]+)$/.exec(atob(token))
    return match?.[2] === digest(query) ? Number(match[1]) : undefined
  } catch {
    return undefined
  }
}

function digest(query: object): string {
  return hash53(JSON.stringify(query)).toString(36)
}
