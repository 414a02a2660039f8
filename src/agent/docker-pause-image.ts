/** An image of one file: a program that does nothing until it is killed. Made here, so that no registry is asked for it. */
export const pauseImage = 'longshore-pause:1'
export const pauseCommand = ['/pause']

const tarBlock = 512
const loadAddress = 0x400000
const fileHeaderBytes = 64
const programHeaderBytes = 56

/** `elf`: the number of the machine in an ELF file (elf(5)), `code`: pause(2) or what stands for it, for ever. */
const programs: Record<string, { elf: number; code: Buffer }> = {
  // again: mov eax, 34 (pause); syscall; jmp again
  x86_64: { elf: 62, code: Buffer.from('b8220000000f05ebf7', 'hex') },
  // again: x0..x3 = 0; x8 = 73 (ppoll); svc 0; b again
  aarch64: {
    elf: 183,
    code: Buffer.from('000080d2010080d2020080d2030080d2280980d2010000d4faffff17', 'hex'),
  },
}

/** The image as `docker import` takes it: a tar archive of the file system; undefined for machines not known here. */
export function pauseArchive(architecture: string): Buffer | undefined {
  const program = programs[architecture === 'arm64' ? 'aarch64' : architecture]
  if (!program) return undefined
  const file = executable(program)
  const padding = Buffer.alloc((tarBlock - (file.length % tarBlock)) % tarBlock)
  return Buffer.concat([tarHeader('pause', 0o755, file.length), file, padding, Buffer.alloc(2 * tarBlock)])
}

/** A static ELF executable of 64 bits, little-endian, with one segment. */
function executable({ elf, code }: { elf: number; code: Buffer }): Buffer {
  const codeAt = fileHeaderBytes + programHeaderBytes
  const size = codeAt + code.length
  const file = Buffer.alloc(size)
  Buffer.from('7f454c460201010000', 'hex').copy(file)
  file.writeUInt16LE(2, 16) // an executable
  file.writeUInt16LE(elf, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(loadAddress + codeAt), 24) // entry point
  file.writeBigUInt64LE(BigInt(fileHeaderBytes), 32) // where the program header is
  file.writeUInt16LE(fileHeaderBytes, 52)
  file.writeUInt16LE(programHeaderBytes, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, 64) // a segment to load
  file.writeUInt32LE(5, 68) // readable, executable
  file.writeBigUInt64LE(BigInt(loadAddress), 80)
  file.writeBigUInt64LE(BigInt(loadAddress), 88)
  file.writeBigUInt64LE(BigInt(size), 96)
  file.writeBigUInt64LE(BigInt(size), 104)
  file.writeBigUInt64LE(0x1000n, 112)
  code.copy(file, codeAt)
  return file
}

/** The header of one file in a tar archive (tar(5), ustar). */
function tarHeader(name: string, mode: number, size: number): Buffer {
  const header = Buffer.alloc(tarBlock)
  const octal = (value: number, at: number, digits: number) =>
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at)
  header.write(name, 0)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(0, 136, 11)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
