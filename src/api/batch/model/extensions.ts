/**
 * What Longshore adds to the Batch API, in the model's own form (`model-types.ts`). Members join structures of the API or
 * make new ones, values join enumerations, operations have paths of their own. A client that does not use them sees
 * nothing of them. Each is described in docs/compatibility.md.
 */
export const extensionEnums = {} as const

export const extensionStructures = {} as const

export const extensionOperations = {} as const
