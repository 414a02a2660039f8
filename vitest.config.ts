import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'

const endToEnd = ['test/e2e/**/*.test.ts', 'test/**/*.e2e.test.ts']
const minuteMs = 60_000

/**
 * `node`: everything that runs in Node. `objects`: in workerd, with real Durable Objects; those parts of an object that
 * are tested on the Node driver say so in their names (`*.node.test.ts`). `e2e`: whole processes. `slow`: for CI alone.
 */
export default defineConfig({
  test: {
    silent: 'passed-only',
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...endToEnd, 'test/slow/**', 'test/{objects,forecast}/**/!(*.node).test.ts'],
          testTimeout: minuteMs,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: './test/support/object-worker.ts',
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              durableObjects: { SCRATCH: { className: 'ScratchObject', useSQLite: true } },
              bindings: {
                ADMIN_ACCESS_KEY_ID: 'AKIATESTTESTTESTTEST',
                ADMIN_SECRET_ACCESS_KEY: 'test-secret-access-key',
                ADMIN_TOKEN: 'test-admin-token',
                AGENT_TOKEN: 'test-agent-token',
                DEPLOYMENT_SALT: 'test-salt',
              },
            },
          }),
        ],
        test: {
          name: 'objects',
          include: ['test/{objects,forecast}/**/*.test.ts'],
          // One workerd for all files, which start with empty storage: each calls `reset` of `cloudflare:test`.
          isolate: false,
          exclude: [...endToEnd, 'test/objects/**/*.node.test.ts'],
          testTimeout: minuteMs,
        },
      },
      {
        test: {
          name: 'e2e',
          include: endToEnd,
          testTimeout: 5 * minuteMs,
          hookTimeout: 2 * minuteMs,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 15 * minuteMs,
          hookTimeout: 5 * minuteMs,
          fileParallelism: false,
        },
      },
    ],
  },
})
