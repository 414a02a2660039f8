import { app } from './api/app.ts'
import { ConsumablesObject } from './objects/consumables/consumables-object.ts'
import { EnvironmentObject } from './objects/environment/environment-object.ts'
import { LogsObject } from './objects/logs/logs-object.ts'
import { QueueObject } from './objects/queue/queue-object.ts'
import { RegistryObject } from './objects/registry/registry-object.ts'
import { logFailures } from './runtime/log-failures.ts'

export { ConsumablesObject, EnvironmentObject, LogsObject, QueueObject, RegistryObject }

for (const object of [ConsumablesObject, EnvironmentObject, LogsObject, QueueObject, RegistryObject])
  logFailures(object)

export default { fetch: app.fetch }
