type Method = (this: NamedObject, ...parameters: unknown[]) => unknown
type NamedObject = { ctx?: { id: { name?: string | undefined } } }

/**
 * Has every method of an object's class log what it throws or rejects with, once for each error and with its stack: a caller
 * elsewhere is told the message alone. The methods are otherwise as before.
 */
export function logFailures({ name: className, prototype }: { name: string; prototype: object }): void {
  const logged = new WeakSet<object>()
  const log = (object: NamedObject, name: string, error: unknown) => {
    if (!(error instanceof Error) || logged.has(error)) return
    logged.add(error)
    console.error(`${object.ctx?.id.name ?? className}.${name} failed: ${error.stack ?? error.message}`)
  }
  const methods = prototype as Record<string, Method>
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = methods[name]!
    if (name === 'constructor') continue
    methods[name] = function (...parameters) {
      try {
        const result = method.apply(this, parameters)
        if (result instanceof Promise) result.catch((error) => log(this, name, error))
        return result
      } catch (error) {
        log(this, name, error)
        throw error
      }
    }
  }
}
