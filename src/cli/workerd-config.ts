import type { Env } from '../bindings.ts'
import type { DeploymentKeys } from './deployment-keys.ts'

type NamespaceBinding = {
  [Name in keyof Env]-?: Env[Name] extends string | undefined ? never : Name
}[keyof Env]
type TextBinding = Exclude<keyof Env, NamespaceBinding>
type SettingBinding = 'PARTITION' | 'REGION' | 'ACCOUNT_ID' | 'HISTORY_DAYS'
type SecretBinding = Exclude<TextBinding, SettingBinding>

export const compatibilityDate = '2026-08-15'
export const region = 'us-east-1'

/** The object classes by binding. A `uniqueKey` names the folder of their data: it never changes. */
export const objectClasses: Record<NamespaceBinding, { className: string; uniqueKey: string }> = {
  REGISTRY: { className: 'RegistryObject', uniqueKey: 'longshore-registry' },
  QUEUE: { className: 'QueueObject', uniqueKey: 'longshore-queue' },
  ENVIRONMENT: { className: 'EnvironmentObject', uniqueKey: 'longshore-environment' },
  LOGS: { className: 'LogsObject', uniqueKey: 'longshore-logs' },
  CONSUMABLES: { className: 'ConsumablesObject', uniqueKey: 'longshore-consumables' },
}

export const settings: Record<SettingBinding, string> = {
  PARTITION: 'aws',
  REGION: region,
  ACCOUNT_ID: '000000000000',
  HISTORY_DAYS: '14',
}

/** The secrets by binding. */
function secretsOf(keys: DeploymentKeys): Record<SecretBinding, string> {
  return {
    ADMIN_ACCESS_KEY_ID: keys.accessKeyId,
    ADMIN_SECRET_ACCESS_KEY: keys.secretAccessKey,
    ADMIN_TOKEN: keys.adminToken,
    AGENT_TOKEN: keys.agentToken,
    DEPLOYMENT_SALT: keys.deploymentSalt,
  }
}

/** workerd's environment: it reads the secrets there, so that neither its arguments nor its configuration hold them. */
export function workerdEnvironment(keys: DeploymentKeys): Record<string, string> {
  return Object.fromEntries(Object.entries(secretsOf(keys)).map(([name, value]) => [variableOf(name), value]))
}

/**
 * A workerd configuration (capnp text) that serves `worker.js` beside it, with its objects in the directory given as
 * `--directory-path state=DIR`, on the address given as `--socket-addr http=ADDRESS`. `own`: settings that differ.
 */
export function workerdConfig(keys: DeploymentKeys, own: Partial<typeof settings> = {}): string {
  const namespaces = Object.entries(objectClasses)
  const bindings = [
    ...namespaces.map(
      ([name, { className }]) => `(name = "${name}", durableObjectNamespace = "${className}")`,
    ),
    ...Object.entries({ ...settings, ...own }).map(
      ([name, value]) => `(name = "${name}", text = "${value}")`,
    ),
    ...Object.keys(secretsOf(keys)).map(
      (name) => `(name = "${name}", fromEnvironment = "${variableOf(name)}")`,
    ),
  ]
  const classes = namespaces.map(
    ([, { className, uniqueKey }]) =>
      `(className = "${className}", uniqueKey = "${uniqueKey}", enableSql = true)`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "state", disk = (writable = true)),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [
    ${bindings.join(',\n    ')},
  ],
  durableObjectNamespaces = [
    ${classes.join(',\n    ')},
  ],
  durableObjectStorage = (localDisk = "state"),
);
`
}

function variableOf(binding: string): string {
  return `LONGSHORE_${binding}`
}
