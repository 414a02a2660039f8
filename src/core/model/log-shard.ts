import { limits } from '../limits.ts'
import { hash53 } from './ids.ts'

/** The log store that keeps a stream: the same for every writer and reader, without a directory. */
export function logShard(group: string, stream: string): number {
  return hash53(`${group}\n${stream}`) % limits.logShards
}
