import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  BatchClient,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeSchedulingPoliciesCommand,
  ListSchedulingPoliciesCommand,
} from '@aws-sdk/client-batch'
import { Unavailable } from '../support/checks.ts'
import { runProgram } from '../support/child-program.ts'
import { type ClientRun, runClient } from '../support/client-run.ts'
import { startClientServer } from '../support/client-server.ts'

/**
 * Terraform with the AWS provider: makes a scheduling policy, an environment, a queue and a definition, finds nothing to
 * do, changes each, finds nothing to do again, and destroys them. The program and the provider must be on the machine.
 */
await runClient('terraform', 240_000, async (run) => {
  const terraform = await openTerraform(run)
  const { checks } = run
  await checks.check('apply makes every resource', async () => {
    assert.deepEqual(await terraform.run('apply', '-auto-approve'), 0)
    const { queue, environment, policy, definitions } = await terraform.look()
    assert.deepEqual(
      [queue?.state, queue?.status, queue?.priority, queue?.tags],
      ['ENABLED', 'VALID', 3, { a: '1', b: '2' }],
    )
    assert.deepEqual(queue?.schedulingPolicyArn, policy?.arn)
    assert.deepEqual([environment?.state, environment?.status], ['ENABLED', 'VALID'])
    assert.deepEqual(policy?.fairsharePolicy?.shareDecaySeconds, 3600)
    assert.deepEqual(definitions, [['work:1', 'first']])
  })
  await checks.check('a plan after it is empty', async () => assert.deepEqual(await terraform.plan(), 0))
  const blockedHead = 'STRICT'
  await checks.check('a plan is empty where the queue has settings that only Longshore knows', async () => {
    await terraform.setScheduling({ blockedHead })
    assert.deepEqual(await terraform.plan(), 0)
  })
  await checks.check('a change is applied in place, to a definition as a new revision', async () => {
    assert.deepEqual(await terraform.plan('-var', 'changed=true'), 2)
    assert.deepEqual(await terraform.run('apply', '-auto-approve', '-var', 'changed=true'), 0)
    const { queue, environment, policy, definitions } = await terraform.look()
    assert.deepEqual([queue?.priority, queue?.tags], [7, { a: '2', c: '3' }])
    assert.deepEqual(await terraform.scheduling(), { blockedHead })
    assert.deepEqual(environment?.state, 'DISABLED')
    assert.deepEqual(
      [policy?.fairsharePolicy?.shareDecaySeconds, policy?.tags],
      [7200, { purpose: 'changed' }],
    )
    assert.deepEqual(definitions, [['work:2', 'changed']])
  })
  await checks.check('a plan after the change is empty', async () =>
    assert.deepEqual(await terraform.plan('-var', 'changed=true'), 0),
  )
  await checks.check('destroy leaves nothing', async () => {
    assert.deepEqual(await terraform.run('destroy', '-auto-approve', '-var', 'changed=true'), 0)
    const { queue, environment, policy, definitions } = await terraform.look()
    assert.deepEqual([queue, environment, policy, definitions], [undefined, undefined, undefined, []])
  })
})

async function openTerraform(run: ClientRun) {
  const work = join(run.folder, 'work')
  mkdirSync(work)
  copyFileSync(join(import.meta.dirname, 'main.tf'), join(work, 'main.tf'))
  const server = await startClientServer(run)
  const env = { ...server.env, ...(await initialise(run, work)) }
  const execute = async (...parameters: string[]) => {
    const command = ['terraform', ...parameters]
    const { exitCode, lines } = await runProgram({ command, env, cwd: work, signal: run.signal })
    if (exitCode === 1) throw new Error(lines.join('\n'))
    return exitCode
  }
  const { AWS_REGION: region } = server.env
  const batch = new BatchClient({ endpoint: server.url, region: region!, credentials: server.credentials })
  run.atEnd(async () => batch.destroy())
  return {
    run: (verb: string, ...more: string[]) => execute(verb, '-input=false', '-no-color', ...more),
    /** 0 when there is nothing to do, 2 when there is something. */
    plan: (...more: string[]) => execute('plan', '-input=false', '-no-color', '-detailed-exitcode', ...more),
    look: () => look(batch),
    setScheduling: (schedulingSettings: object) =>
      post(server.env, 'updatejobqueue', { jobQueue: 'fair', schedulingSettings }),
    scheduling: async () => {
      const { jobQueues } = await post(server.env, 'describejobqueues', { jobQueues: ['fair'] })
      return jobQueues?.[0]?.schedulingSettings
    },
  }
}

/** A request with members that no SDK knows. */
async function post(env: Record<string, string>, path: string, input: object) {
  const response = await fetch(`${env.LONGSHORE_URL}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.LONGSHORE_TOKEN}` },
    body: JSON.stringify(input),
  })
  assert.deepEqual(response.status, 200)
  return (await response.json()) as { jobQueues?: { schedulingSettings?: object }[] }
}

/** Installs the provider from this machine alone, and resolves with the variables that Terraform runs with. */
async function initialise(run: ClientRun, work: string): Promise<Record<string, string>> {
  const mirror = providerMirror()
  if (!mirror) throw new Unavailable('Terraform’s AWS provider is not on this machine')
  const settings = join(run.folder, 'terraform.rc')
  writeFileSync(settings, `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`)
  const { PATH } = process.env
  const env = { PATH: PATH!, HOME: run.folder, TF_CLI_CONFIG_FILE: settings, CHECKPOINT_DISABLE: '1' }
  const command = ['terraform', 'init', '-input=false', '-no-color']
  const { exitCode, lines } = await runProgram({ command, env, cwd: work, signal: run.signal }).catch(
    (error) => {
      run.signal.throwIfAborted()
      throw new Unavailable(`terraform cannot be run: ${error.message}`)
    },
  )
  if (exitCode !== 0) throw new Error(`terraform init ended with exit code ${exitCode}:\n${lines.join('\n')}`)
  return env
}

/** A folder laid out as Terraform's filesystem mirrors are, with the AWS provider in it: wherever machines have them. */
function providerMirror(): string | undefined {
  const parents = [
    '/usr/local/share/terraform',
    '/usr/share/terraform',
    join(homedir(), '.terraform.d'),
    '/opt',
  ]
  const inside = (parent: string) => readdirSync(parent).map((name) => join(parent, name))
  return parents
    .filter((parent) => existsSync(parent))
    .flatMap(inside)
    .filter((folder) => statSync(folder).isDirectory())
    .find((folder) => inside(folder).some((host) => existsSync(join(host, 'hashicorp/aws/5.100.0'))))
}

/** What there is of what the configuration describes. */
async function look(batch: BatchClient) {
  const queues = await batch.send(new DescribeJobQueuesCommand({ jobQueues: ['fair'] }))
  const environments = await batch.send(
    new DescribeComputeEnvironmentsCommand({ computeEnvironments: ['hosts'] }),
  )
  const { schedulingPolicies = [] } = await batch.send(new ListSchedulingPoliciesCommand({}))
  const arns = schedulingPolicies.map((policy) => policy.arn!)
  const policies = await batch.send(new DescribeSchedulingPoliciesCommand({ arns }))
  const active = { jobDefinitionName: 'work', status: 'ACTIVE' }
  const definitions = await batch.send(new DescribeJobDefinitionsCommand(active))
  return {
    queue: queues.jobQueues?.[0],
    environment: environments.computeEnvironments?.[0],
    policy: policies.schedulingPolicies?.[0],
    definitions: definitions.jobDefinitions?.map((definition) => [
      definition.jobDefinitionArn?.split('/')[1],
      definition.containerProperties?.command?.[1],
    ]),
  }
}
