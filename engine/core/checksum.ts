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
  const bytes = typeof script === "string" ? new TextEncoder().encode(script) : script;
  let crc = -1;
  for (let i = startAfterByteOrderMark(bytes); i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === LF || byte === CR) continue;
    crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
  }
  return ~crc;
}

function startAfterByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
