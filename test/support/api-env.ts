import type { Env } from '../../src/bindings.ts'

/** The settings of a deployment, with objects that answer by `answers` and whose calls are kept in `calls`. */
export type StubbedEnv = Env & { calls: { object: string; method: string; parameters: unknown[] }[] }

type Answers = Record<string, (...parameters: never[]) => unknown>

/**
 * Bindings for tests of routing and authentication alone, where what the objects do is of no matter: an object's
 * method answers by `answers[method]`, one without an answer throws.
 */
export function stubbedEnv(answers: Answers = {}): StubbedEnv {
  const calls: StubbedEnv['calls'] = []
  const namespace = {
    idFromName: (name: string) => name,
    get: (object: string) =>
      new Proxy(
        {},
        {
          get:
            (_, method: string) =>
            async (...parameters: never[]) => {
              calls.push({ object, method, parameters })
              const answer = answers[method]
              if (!answer) throw new Error(`${object} was not expected to be asked ${method}`)
              return answer(...parameters)
            },
        },
      ),
  } as unknown as Env['QUEUE']
  return {
    calls,
    REGISTRY: namespace,
    QUEUE: namespace,
    ENVIRONMENT: namespace,
    LOGS: namespace,
    CONSUMABLES: namespace,
    PARTITION: 'aws',
    REGION: 'eu-central-1',
    ACCOUNT_ID: '123456789012',
    ADMIN_ACCESS_KEY_ID: 'AKIATESTTESTTESTTEST',
    ADMIN_SECRET_ACCESS_KEY: 'admin/secret+access/key',
    ADMIN_TOKEN: 'the-admin-token',
    AGENT_TOKEN: 'the-agent-token',
    DEPLOYMENT_SALT: 'salt',
  }
}
