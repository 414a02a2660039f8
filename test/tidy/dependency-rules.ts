/**
 * What each part may import. `$1` in a pattern is what the first group of `from` matched. `types`: only as types.
 * The first rule that matches a file holds; files under `test/`, `bench/` and `examples/` are free.
 */
export type DependencyRule = {
  from: RegExp
  files: string[]
  types?: string[]
  packages: string[]
}

const wireClient = [
  '^src/protocol/',
  '^src/core/model/',
  '^src/core/(assert|limits)\\.ts$',
  '^src/runtime/clock\\.ts$',
]

export const dependencyRules: DependencyRule[] = [
  { from: /^src\/core\//, files: ['^src/core/'], packages: [] },
  {
    from: /^src\/runtime\/node-sql\.ts$/,
    files: ['^src/runtime/', '^src/core/assert\\.ts$'],
    packages: ['^node:sqlite$'],
  },
  { from: /^src\/runtime\//, files: ['^src/runtime/(?!node-)', '^src/core/assert\\.ts$'], packages: [] },
  {
    from: /^src\/protocol\//,
    files: ['^src/protocol/', '^src/core/model/', '^src/core/(assert|limits)\\.ts$'],
    packages: ['^zod$'],
  },
  { from: /^adapters\/registry\.ts$/, files: ['^adapters/', '^src/core/model/'], packages: [] },
  {
    from: /^adapters\/host-agent\//,
    files: [
      '^adapters/(adapter\\.ts|aws/|host-agent/)',
      '^src/core/model/',
      '^src/core/(assert|limits)\\.ts$',
      '^src/protocol/',
    ],
    packages: [],
  },
  {
    from: /^adapters\/([^/]+)/,
    files: [
      '^adapters/(adapter\\.ts|aws/)',
      '^adapters/$1',
      '^src/core/model/',
      '^src/core/(assert|limits)\\.ts$',
    ],
    packages: ['^@aws-sdk/'],
  },
  {
    from: /^src\/objects\/([^/]+)\//,
    files: [
      '^src/objects/$1/',
      '^src/core/',
      '^src/runtime/(?!node-)',
      '^src/protocol/',
      '^adapters/(registry|adapter)\\.ts$',
      '^src/bindings\\.ts$',
    ],
    types: ['^src/objects/[^/]+/[^/]+-rpc\\.ts$'],
    packages: ['^cloudflare:workers$', '^zod$'],
  },
  {
    from: /^src\/forecast\//,
    files: ['^src/forecast/', '^src/core/', '^src/bindings\\.ts$'],
    types: ['^src/objects/[^/]+/[^/]+-rpc\\.ts$'],
    packages: [],
  },
  {
    from: /^src\/api\//,
    files: [
      '^src/api/',
      '^src/forecast/',
      '^src/protocol/',
      '^src/core/model/',
      '^src/core/(assert|limits)\\.ts$',
      '^src/bindings\\.ts$',
      '^src/runtime/clock\\.ts$',
    ],
    types: ['^src/objects/[^/]+/[^/]+-rpc\\.ts$', '^src/core/simulation/'],
    packages: ['^hono(/|$)', '^zod$'],
  },
  {
    from: /^src\/agent\//,
    files: ['^src/agent/', ...wireClient],
    packages: ['^node:', '^ws$', '^undici$', '^zod$'],
  },
  {
    from: /^src\/cli\//,
    files: [
      '^src/cli/',
      '^src/agent/',
      '^src/core/simulation/',
      '^src/core/scheduling/share-weights\\.ts$',
      ...wireClient,
    ],
    types: ['^src/bindings\\.ts$'],
    packages: ['^node:', '^workerd$', '^undici$', '^zod$'],
  },
  {
    from: /^src\/bindings\.ts$/,
    files: ['^src/core/model/'],
    types: ['^src/objects/[^/]+/[^/]+-rpc\\.ts$'],
    packages: [],
  },
  {
    from: /^src\/worker\.ts$/,
    files: ['^src/(?!agent/|cli/)', '^adapters/'],
    packages: ['^hono(/|$)', '^cloudflare:workers$'],
  },
]

/** Why `path` may not import `target`, or undefined when it may. */
export function importBreach(
  path: string,
  imported: { target: string; isPackage: boolean; typesOnly: boolean },
): string | undefined {
  const rule = dependencyRules.find(({ from }) => from.test(path))
  if (!rule)
    return /^(test|tools|bench|examples)\/|^[^/]+\.ts$/.test(path)
      ? undefined
      : `no dependency rule covers ${path}`
  const group = rule.from.exec(path)?.[1] ?? ''
  const matches = (patterns: string[]) =>
    patterns.some((pattern) => new RegExp(pattern.replaceAll('$1', group)).test(imported.target))
  if (imported.isPackage) {
    return matches(rule.packages) ? undefined : `may not import the package ${imported.target}`
  }
  if (matches(rule.files)) return undefined
  if (!matches(rule.types ?? [])) return `may not import ${imported.target}`
  return imported.typesOnly ? undefined : `may import only types of ${imported.target}`
}
