/**
 * The header page of a pool file: it gives the file a name, and says nothing else.
 * A page that is not exactly a header, torn by a crash for instance, names nothing.
 *
 * Little-endian: 8 bytes magic · u32 version · u32 length of the name · u32 checksum of all other
 * bytes · name in UTF-8 · zeroes to the end of the page.
 */

/** One page, so that SQLite's pages behind it stay aligned. */
export const headerBytes = 4096;
/** Of the name in UTF-8; the VFS in opfs_vfs.cpp has the same bound. */
export const nameBytesMax = 512;

const magic = 'TWINPOOL';
const version = 1;
const versionAt = 8;
const lengthAt = 12;
const checksumAt = 16;
const nameAt = 20;

export type Header =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'newer'; readonly version: number };

/** Returns undefined when the name is empty or longer than `nameBytesMax`. */
export function encodeHeader(name: string): Uint8Array | undefined {
  const text = new TextEncoder().encode(name);
  if (text.length === 0 || text.length > nameBytesMax) return undefined;
  const page = new Uint8Array(headerBytes);
  const view = new DataView(page.buffer);
  page.set(new TextEncoder().encode(magic));
  view.setUint32(versionAt, version, true);
  view.setUint32(lengthAt, text.length, true);
  page.set(text, nameAt);
  view.setUint32(checksumAt, checksum(page), true);
  return page;
}

/** `page` is what could be read of the header: fewer bytes at the end of a short file. */
export function decodeHeader(page: Uint8Array): Header {
  if (page.every((byte) => byte === 0)) return { kind: 'empty' };
  if (page.length < headerBytes) return { kind: 'damaged' };
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const text = new TextDecoder();
  const isWhole =
    text.decode(page.subarray(0, versionAt)) === magic &&
    view.getUint32(checksumAt, true) === checksum(page);
  if (!isWhole) return { kind: 'damaged' };
  const found = view.getUint32(versionAt, true);
  if (found !== version) return { kind: 'newer', version: found };
  const length = view.getUint32(lengthAt, true);
  if (length === 0 || length > nameBytesMax) return { kind: 'damaged' };
  return { kind: 'named', name: text.decode(page.subarray(nameAt, nameAt + length)) };
}

/** FNV-1a over the page without its checksum: it guards against a torn page, not against malice. */
function checksum(page: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < headerBytes; at += 1) {
    if (at >= checksumAt && at < nameAt) continue;
    hash = Math.imul(hash ^ (page[at] as number), 0x01000193);
  }
  return hash >>> 0;
}
