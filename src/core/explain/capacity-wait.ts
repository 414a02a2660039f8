import {
  type EnvironmentStanding,
  roomBeingMadeText,
  type Shortage,
  type Wait,
} from '../model/explanation.ts'

/** The wait for room: undefined where an environment has some, or none of them has a host. */
export function capacityWait(environments: readonly EnvironmentStanding[]): Wait | undefined {
  const asked = environments.filter(({ standing }) => standing === 'hosts')
  const holding = asked.filter(({ neverFits }) => neverFits === undefined)
  if (asked.length === 0) return undefined
  if (holding.length === 0) return neverFits(asked)
  if (holding.some(hasRoom)) return undefined
  const near = nearest(holding)
  const yielding = holding.find(({ yieldsTo }) => yieldsTo !== undefined)
  if (!near && yielding) return yieldWait(yielding)
  const kept = holding.some(({ reservation }) => reservation?.forThisJob)
  const made = holding.find(({ roomBeingMade }) => roomBeingMade)?.roomBeingMade
  if (made) return makingWait(holding, made)
  if (!near && !kept && holding.some(({ reservation }) => reservation)) return keptWait(holding)
  return {
    kind: 'CAPACITY',
    text: `no host of ${namesOf(holding)} has room now${near ? `: the closest, ${near.host}, lacks ${lacksText(near.lacks)}` : ''}${kept ? '; room is being kept for it' : ''}`,
    remedy: near
      ? `Wait for what runs there to end, connect another host, or ask for ${lacksText(near.lacks)} less`
      : 'Wait for what runs there to end, or connect another host',
  }
}

/** What a shortage comes to in words: `1.5 vCPU`, `512 MiB of memory`. */
function lacksText(lacks: readonly Shortage[]): string {
  return lacks.map(lackText).join(' and ')
}

function lackText({ resource, wanted, missing }: Shortage): string {
  return missing === undefined ? `${labels[resource]} ${wanted}` : `${missing} ${labels[resource]}`
}

const labels: Record<Shortage['resource'], string> = {
  VCPU: 'vCPU',
  MEMORY: 'MiB of memory',
  GPU: 'GPU',
  DISK: 'MiB of disk',
  ARCHITECTURE: 'architecture',
  GPU_MODEL: 'a GPU of the kind',
  LABEL: 'the label',
}

function namesOf(environments: readonly EnvironmentStanding[]): string {
  return environments.map(({ computeEnvironment }) => computeEnvironment).join(', ')
}

function hasRoom(environment: EnvironmentStanding): boolean {
  return environment.hasRoom && environment.yieldsTo === undefined
}

function nearest(environments: readonly EnvironmentStanding[]) {
  const hosts = environments.flatMap(({ nearestHosts }) =>
    nearestHosts
      .filter(({ lacks }) => lacks.length > 0)
      .map(({ containerInstance, lacks }) => ({ host: containerInstance, lacks })),
  )
  return hosts.sort((a, b) => a.lacks.length - b.lacks.length)[0]
}

function neverFits(environments: readonly EnvironmentStanding[]): Wait {
  const [first] = environments
  const lacks = first?.neverFits ?? []
  return {
    kind: 'NO_HOST_FITS',
    text: `no connected host of ${namesOf(environments)} could hold it, however empty${lacks.length > 0 ? `: the closest lacks ${lacksText(lacks)}` : ''}`,
    remedy: 'Connect a host that is large enough, or submit the job with less',
  }
}

function yieldWait({ computeEnvironment, yieldsTo }: EnvironmentStanding): Wait {
  return {
    kind: 'CAPACITY',
    text: `the room of ${computeEnvironment} goes to queue ${yieldsTo} first, whose priority is higher`,
    remedy: 'Wait until that queue has been served, or connect another host',
  }
}

function makingWait(environments: readonly EnvironmentStanding[], { attempts }: { attempts: number }): Wait {
  return {
    kind: 'CAPACITY',
    text: `no host of ${namesOf(environments)} has room now; ${roomBeingMadeText(attempts)}`,
    remedy: 'Wait until they have stopped: they are given their grace (30 s, or stopTimeout) to do so',
  }
}

/** There is room, but another waits longer for it. */
function keptWait(environments: readonly EnvironmentStanding[]): Wait {
  return {
    kind: 'CAPACITY',
    text: `what room there is in ${namesOf(environments)} is kept for a job that goes before it, which it would delay`,
    remedy:
      'Give the job a timeout (attemptDurationSeconds) by which it has ended, connect another host, or wait',
  }
}
