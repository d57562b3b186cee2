import { readSync } from "node:fs";

/** A line as it stands in a file. */
export interface RawLine {
  /** Without the line break. */
  readonly bytes: Buffer;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset of what comes after it. */
  readonly end: number;
  /** False for the last one of a file, if its line break is missing, and for a part of what is too long for a line. */
  readonly terminated: boolean;
}

const chunkSize = 64 * 1024;
/** No line of ours is nearly as long: longer ones come in parts, so that no file can fill the memory. */
const longestLine = 8 * 1024 * 1024;
const lineBreak = 0x0a;

/** The lines of a part of a file, first to last. */
export function* linesForward(fd: number, from: number, to: number): Generator<RawLine> {
  let buffer: Buffer = Buffer.alloc(0);
  let start = from;
  for (let offset = from; offset < to; ) {
    const chunk = readBytes(fd, offset, Math.min(chunkSize, to - offset));
    // It became shorter meanwhile.
    if (chunk.length === 0) break;
    offset += chunk.length;
    buffer = Buffer.concat([buffer, chunk]);
    for (let at = buffer.indexOf(lineBreak); at !== -1; at = buffer.indexOf(lineBreak)) {
      yield { bytes: buffer.subarray(0, at), start, end: start + at + 1, terminated: true };
      start += at + 1;
      buffer = buffer.subarray(at + 1);
    }
    if (buffer.length > longestLine) {
      yield { bytes: buffer, start, end: offset, terminated: false };
      start = offset;
      buffer = Buffer.alloc(0);
    }
  }
  if (buffer.length > 0) yield { bytes: buffer, start, end: start + buffer.length, terminated: false };
}

/** The lines of the first bytes of a file, last to first. */
export function* linesBackward(fd: number, to: number): Generator<RawLine> {
  let buffer: Buffer = Buffer.alloc(0);
  // The buffer holds the bytes from here on; those up to `end` have not been given out yet.
  let offset = to;
  let end = to;
  while (end > 0) {
    const held = end - offset;
    const terminated = held > 0 && buffer[held - 1] === lineBreak;
    const length = terminated ? held - 1 : held;
    const before = length > 0 ? buffer.lastIndexOf(lineBreak, length - 1) : -1;
    if (held > 0 && (before !== -1 || offset === 0 || held > longestLine)) {
      const start = offset + before + 1;
      yield { bytes: buffer.subarray(before + 1, length), start, end, terminated };
      end = start;
      buffer = buffer.subarray(0, before + 1);
    } else {
      const size = Math.min(chunkSize, offset);
      offset -= size;
      buffer = Buffer.concat([readBytes(fd, offset, size), buffer.subarray(0, held)]);
    }
  }
}

/** Reads so many bytes, or what there is of them. */
export function readBytes(fd: number, offset: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  let done = 0;
  while (done < size) {
    const read = readSync(fd, buffer, done, size - done, offset + done);
    if (read === 0) break;
    done += read;
  }
  return buffer.subarray(0, done);
}
