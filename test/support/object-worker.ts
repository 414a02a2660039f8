import { DurableObject } from 'cloudflare:workers'
import { keepFirstPrototypes } from './object-prototypes.ts'

export * from '../../src/worker.ts'
export { default } from '../../src/worker.ts'

keepFirstPrototypes()

/** An object without a life of its own, for tests of what stands on an object's storage. */
export class ScratchObject extends DurableObject {}
