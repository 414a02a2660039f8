import type { EnvironmentBody } from '../src/core/model/environment.ts'
import type { HostAdapter } from './adapter.ts'
import { hostAgentAdapter } from './host-agent/host-agent.ts'

export { say } from './host-agent/host-agent.ts'

/** The adapter that runs an environment's attempts. So far all of them run on hosts that people bring. */
export function adapterFor(_environment: EnvironmentBody): HostAdapter {
  return hostAgentAdapter
}
