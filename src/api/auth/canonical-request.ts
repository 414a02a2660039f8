/**
 * The canonical request of Signature Version 4: what both sides hash. Path segments are encoded once more than on
 * the wire, the query is sorted, and only the signed headers take part, in the order given.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalRequest(
  request: { method: string; url: URL; header(name: string): string },
  signedHeaders: string[],
  bodyHash: string,
): string {
  return [
    request.method,
    request.url.pathname.split('/').map(encodeRfc3986).join('/'),
    canonicalQuery(request.url.search),
    ...signedHeaders.map((name) => `${name}:${request.header(name).trim().replace(/\s+/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n')
}

function canonicalQuery(search: string): string {
  return search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [encodeRfc3986(decode(name)), encodeRfc3986(decode(value))] as const
    })
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What is not a valid escape stays as it is: no signer writes one, so the signatures then differ. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
