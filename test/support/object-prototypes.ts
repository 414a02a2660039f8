import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'

type Constructor = { prototype: object }
type Construct = (base: Constructor, parameters: unknown, made: Constructor) => object

/**
 * The test pool puts every object it makes behind one more Proxy than the last one of its class, so that a call costs the more
 * the more objects there have been (https://github.com/cloudflare/workers-sdk/issues/15092). With this each class keeps the
 * prototype of its first object.
 */
export function keepFirstPrototypes(): void {
  const construct = Reflect.construct as Construct
  const firsts = new WeakMap<Constructor, object>()
  const constructOnce = (base: Constructor, parameters: unknown, made = base) => {
    if (base === DurableObject || base === WorkerEntrypoint) {
      const first = firsts.get(made)
      if (first) made.prototype = first
      else firsts.set(made, made.prototype)
    }
    return construct(base, parameters, made)
  }
  Reflect.construct = constructOnce as typeof Reflect.construct
}
