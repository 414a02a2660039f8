import { membersOf, operationModel, parseMember } from '../src/api/batch/model/batch-model.ts'
import { enums } from '../src/api/batch/model/enums.ts'
import {
  extensionEnums,
  extensionOperations,
  extensionStructures,
} from '../src/api/batch/model/extensions.ts'
import type { OperationName, StructureName } from '../src/api/batch/model/model-types.ts'
import { structures } from '../src/api/batch/model/structures.ts'
import {
  apiMembers,
  coveredOperations,
  innermost,
  laterOperations,
} from '../test/conformance/covered-members.ts'
import { differences } from '../test/conformance/differences.ts'
import { inputNotes, keptStructures, type MemberNote, outputNotes } from '../test/conformance/notes.ts'

/** The text of docs/compatibility.md, made of the model and of what the conformance suite says of it. */
export function compatibilityPage(): string {
  return [
    head,
    '## Operations and fields',
    fieldsIntroduction,
    table(['operation', 'input', 'output'], coveredOperations.map(operationRow)),
    '## Structures in inputs',
    table(['structure', 'works', 'kept', 'refused'], structureRows(coveredOperations, 'input')),
    '## Structures in outputs',
    table(['structure', 'answered', 'not answered'], structureRows(coveredOperations, 'output')),
    '## Notes',
    noteList(),
    '## Not there yet',
    `These operations of the API answer \`ClientException\` and say so: ${laterOperations.map(code).join(', ')}.`,
    '## Deliberate differences',
    table(['where', 'AWS Batch', 'Longshore', 'why'], differences.map(Object.values)),
    "## Longshore's own",
    extensionsIntroduction,
    extensionList(),
  ].join('\n\n')
}

const head = `# Compatibility with AWS Batch

This page is made by \`npm run model\` from the model of the API (2016-08-10) and the tables of the conformance suite
(\`test/conformance/\`); a test says that it is up to date. The suite sends every input field that is not refused, and finds
every output field that is not said to be unanswered, through \`@aws-sdk/client-batch\` over HTTP.`

const fieldsIntroduction = `**works**: accepted, checked, described back and acted upon. **kept**: accepted, checked, stored and described back;
nothing acts upon it. **refused**: by name, with the reason. A field with a structure of its own has a row below.`

const extensionsIntroduction = `What a client that only knows AWS Batch never sees: fields and values that join those of the API, and operations on
paths of their own.`

function operationRow(name: OperationName): string[] {
  const { input, output } = operationModel(name)
  return [code(name), memberTexts(input, inputNotes), memberTexts(output, outputNotes)]
}

/** Fields of the API, those that do not simply work marked. */
function memberTexts(name: StructureName, notes: Readonly<Record<string, MemberNote>>): string {
  const texts = apiNames(name).map((member) => {
    const status = notes[`${name}.${member}`]?.status
    return status ? `${member} (${status})` : member
  })
  return texts.join(', ') || '(none)'
}

function structureRows(operations: OperationName[], side: 'input' | 'output'): string[][] {
  const tops = new Set<string>(operations.map((name) => operationModel(name)[side]))
  const found = new Set<StructureName>()
  for (const name of operations) visit(operationModel(name)[side], found)
  const names = [...found].filter((name) => !tops.has(name) && apiNames(name).length > 0).sort()
  return names.map((name) => {
    const of = (...statuses: string[]) =>
      apiNames(name)
        .filter((member) => statuses.includes(statusOf(name, member, side)))
        .join(', ')
    return side === 'input'
      ? [code(name), of('works'), of('kept'), of('refused')]
      : [code(name), of('works', 'kept'), of('unanswered')]
  })
}

function statusOf(name: StructureName, member: string, side: 'input' | 'output'): string {
  const notes = side === 'input' ? inputNotes : outputNotes
  return notes[`${name}.${member}`]?.status ?? (keptStructures[name] ? 'kept' : 'works')
}

function visit(name: StructureName, found: Set<StructureName>): void {
  if (found.has(name)) return
  found.add(name)
  for (const [member] of apiMembers(name)) {
    const type = innermost(parseMember(membersOf(name)[member]!).type)
    if (type.kind === 'structure') visit(type.name, found)
  }
}

function apiNames(name: StructureName): string[] {
  return apiMembers(name).map(([member]) => member)
}

function noteList(): string {
  const whole = Object.entries(keptStructures).map(([name, note]) => `- ${code(name)}, all of it: ${note}.`)
  const single = Object.entries({ ...inputNotes, ...outputNotes }).map(
    ([member, { status, note }]) => `- ${code(member)}, ${status}: ${note}.`,
  )
  return [...whole, ...single].join('\n')
}

function extensionList(): string {
  const ofOperations = new Set<string>(
    Object.values(extensionOperations).flatMap(({ input, output }) => [input, output]),
  )
  const fields = Object.entries(extensionStructures as Readonly<Record<string, object>>)
    .filter(([name]) => !ofOperations.has(name))
    .map(
      ([name, members]) =>
        `- ${code(name)} has ${name in structures ? 'also ' : ''}${Object.keys(members).map(code).join(', ')}.`,
    )
  const values = Object.entries(extensionEnums as Readonly<Record<string, readonly string[]>>).map(
    ([name, added]) =>
      `- ${code(name)} ${name in enums ? 'may also be' : 'is'} ${added.map(code).join(', ')}.`,
  )
  const operations = Object.entries(
    extensionOperations as Readonly<Record<string, { method: string; path: string; input: StructureName }>>,
  ).map(
    ([name, { method, path, input }]) =>
      `- ${code(`${method} ${path}`)} (${name}): ${Object.keys(membersOf(input)).map(code).join(', ')}.`,
  )
  return [...fields, ...values, ...operations].join('\n')
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}
