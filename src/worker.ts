import { app } from './api/app.ts'

export { ConsumablesObject } from './objects/consumables/consumables-object.ts'
export { EnvironmentObject } from './objects/environment/environment-object.ts'
export { LogsObject } from './objects/logs/logs-object.ts'
export { QueueObject } from './objects/queue/queue-object.ts'
export { RegistryObject } from './objects/registry/registry-object.ts'

export default { fetch: app.fetch }
