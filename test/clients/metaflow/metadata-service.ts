import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ClientRun } from '../support/client-run.ts'

type Stored = Record<string, unknown>
type Answer = [status: number, body: unknown]

/**
 * Metaflow's metadata service, as much of it as runs and Metaflow's client ask for (the paths of
 * `metaflow/plugins/metadata_providers/service.py`), in memory. Resolves with its address; ended with the run.
 */
export async function startMetadataService(run: ClientRun): Promise<string> {
  const service = new MetadataService()
  const server = createServer(async (request, response) => reply(response, await answer(service, request)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  run.atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answer(service: MetadataService, request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const path = decodeURIComponent(request.url!.split('?')[0]!).replace(/\/+$/, '')
  if (request.method === 'GET') return service.get(path)
  if (path.endsWith('/heartbeat')) return [200, JSON.stringify({ wait_time_in_seconds: 10 })]
  return service.post(path, JSON.parse(Buffer.concat(chunks).toString() || '{}'))
}

function reply(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', METADATA_SERVICE_VERSION: '2.4.0' })
  response.end(JSON.stringify(body))
}

class MetadataService {
  /** Flows, runs, steps and tasks by their paths. */
  private readonly objects = new Map<string, Stored>()
  /** What was registered of tasks, by their paths. */
  private readonly metadata = new Map<string, Stored[]>()
  private readonly artifacts = new Map<string, Stored[]>()
  private runs = 0
  /** Long, for Metaflow replaces a parallel step's task id wherever it finds it in the step's command. */
  private tasks = 740_000_000

  get(path: string): Answer {
    if (path === '/ping') return [200, 'pong']
    const [, owner = '', kind] = /^(.*)\/([a-z]+)$/.exec(path) ?? []
    if (this.objects.has(path)) return [200, this.objects.get(path)]
    if (path === '/flows' || /^(runs|steps|tasks)$/.test(kind ?? '')) return [200, this.children(path)]
    if (kind === 'metadata') return [200, this.metadata.get(owner) ?? []]
    if (kind === 'artifacts') return [200, this.latestArtifacts(owner.replace(/\/attempt\/\d+$/, ''), owner)]
    const [, task = '', name] = /^(.*)\/artifacts\/([^/]+)(?:\/attempt\/\d+)?$/.exec(path) ?? []
    const artifact = this.latestArtifacts(task, path).find((found) => found.name === name)
    return artifact ? [200, artifact] : [404, { message: 'not found' }]
  }

  post(path: string, body: Stored | Stored[]): Answer {
    const [, owner = '', kind] = /^(.*)\/([a-z]+)$/.exec(path) ?? []
    if (Array.isArray(body))
      return this.register(kind === 'metadata' ? this.metadata : this.artifacts, owner, body)
    const flow = { flow_id: path.split('/')[2] }
    if (kind === 'run') {
      this.runs += 1
      return this.create(`${owner}/runs/${this.runs}`, { ...body, ...flow, run_number: this.runs })
    }
    if (kind === 'step') return this.create(owner, { ...body, ...flow })
    if (kind !== 'task') return this.create(path, { ...body, ...flow })
    this.tasks += 1
    const taskId = body.task_id ?? String(this.tasks)
    return this.create(`${owner}/tasks/${taskId}`, { ...body, ...flow, task_id: taskId })
  }

  private create(path: string, object: Stored): Answer {
    if (this.objects.has(path)) return [409, { message: 'it exists' }]
    const stored = { tags: [], system_tags: [], ...object, ts_epoch: Date.now() }
    this.objects.set(path, stored)
    return [200, stored]
  }

  private register(into: Map<string, Stored[]>, task: string, records: Stored[]): Answer {
    const stored = records.map((record) => ({ ...record, ts_epoch: Date.now() }))
    into.set(task, [...(into.get(task) ?? []), ...stored])
    return [200, { metadata_count: records.length }]
  }

  private children(path: string): Stored[] {
    const isChild = (key: string) => key.startsWith(`${path}/`) && !key.slice(path.length + 1).includes('/')
    return [...this.objects].filter(([key]) => isChild(key)).map(([, object]) => object)
  }

  /** The artifacts of the attempt that `path` names, or else of the latest one. */
  private latestArtifacts(task: string, path: string): Stored[] {
    const all = this.artifacts.get(task) ?? []
    const asked = /\/attempt\/(\d+)/.exec(path)?.[1]
    const attempt =
      asked === undefined ? Math.max(...all.map((found) => Number(found.attempt_id))) : Number(asked)
    return all.filter((found) => Number(found.attempt_id) === attempt)
  }
}
