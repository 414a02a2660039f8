/** The agent cannot start or go on; the message is one line for whoever runs it. */
export class AgentError extends Error {
  override name = 'AgentError'
}
