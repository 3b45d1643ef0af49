const LF = 0x0a;
const CR = 0x0d;

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/**
 * Flyway's checksum of a script: CRC-32 over the UTF-8 bytes of its lines without their ends (LF, CRLF or CR),
 * after a leading byte order mark, as a signed 32-bit number. Blank lines and line ends therefore count for nothing.
 */
export function checksum(script: Uint8Array | string): number {
  if (typeof script !== "string") return ~follow(-1, script, startAfterByteOrderMark(script));
  let crc = -1;
  for (let from = script.startsWith(BYTE_ORDER_MARK) ? 1 : 0; from < script.length;) {
    const to = pieceEnd(script, from);
    const { written } = ENCODER.encodeInto(script.slice(from, to), BUFFER);
    crc = follow(crc, BUFFER.subarray(0, written), 0);
    from = to;
  }
  return ~crc;
}

const BYTE_ORDER_MARK = "\uFEFF";
const PIECE = 1 << 14;
const ENCODER = new TextEncoder();
// A large text is encoded piece by piece, in one place. A UTF-16 unit takes three bytes at most.
const BUFFER = new Uint8Array(3 * (PIECE + 1));

/** Never between the two halves of a surrogate pair. */
function pieceEnd(text: string, from: number): number {
  const to = Math.min(from + PIECE, text.length);
  const last = text.charCodeAt(to - 1);
  return last >= 0xd800 && last < 0xdc00 ? to + 1 : to;
}

function follow(crc: number, bytes: Uint8Array, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === LF || byte === CR) continue;
    crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
  }
  return crc;
}

function startAfterByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
