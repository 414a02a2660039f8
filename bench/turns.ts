import { EnvironmentRig, environmentTurns } from './environment-turns.ts'
import { type Figure, medianFigure } from './figure.ts'
import { QueueRig, queueTurns, type TurnMeasure } from './queue-turns.ts'
import { TurnLoop } from './turn-loop.ts'

const repeats = 3

/** The CPU of the longest turn that a queue or an environment takes for an operation: for so long others wait. */
export async function measureTurns(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const measure of queueTurns)
    figures.push(await measured('queue', measure, (loop) => new QueueRig(loop, measure.config)))
  for (const measure of environmentTurns)
    figures.push(await measured('environment', measure, (loop) => new EnvironmentRig(loop)))
  return figures
}

async function measured<Rig>(
  object: string,
  { name, prepare, act }: TurnMeasure<Rig>,
  begin: (loop: TurnLoop) => Rig,
): Promise<Figure> {
  process.stderr.write(`  ${object}: ${name}\n`)
  const samples: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const loop = new TurnLoop()
    const rig = begin(loop)
    await prepare(rig)
    samples.push(await loop.longest(() => act(rig)))
  }
  return medianFigure(`${object}, longest turn: ${name}`, samples, 'ms of CPU')
}
