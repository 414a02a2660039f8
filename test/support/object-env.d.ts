import type { Env as ProductEnv } from '../../src/bindings.ts'

/** What `env` of `cloudflare:test` holds: the product's bindings and the tests' own object. */
declare global {
  namespace Cloudflare {
    interface Env extends ProductEnv {
      SCRATCH: DurableObjectNamespace
    }
  }
}
