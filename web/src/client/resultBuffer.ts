/**
 * A query's result as it leaves the module (wasm/src/result_buffer.h describes the bytes), made
 * into columns of plain values. Documents stay text until a row needs them: see resultRows.ts.
 */
import { StoreError } from './storeError.js';

/** One value per row, by position. */
export type ColumnValues = ArrayLike<unknown>;

export interface Column {
  readonly name: string;
  /** Its texts are JSON: sets and documents. */
  readonly isJson: boolean;
  readonly values: ColumnValues;
}

export interface ResultColumns {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

const magic = 0x52535754;
const headerWords = 4;
const columnWords = 10;

const Kind = { Plain: 0, Bool: 1, Json: 2 } as const;
const Tag = { Null: 0, Number: 1, Text: 2, Int64: 3, Blob: 4 } as const;

// A byte order mark at the beginning is data: leaving it out would shift all offsets.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws {StoreError} `INTERNAL` for bytes that are no result */
export function decodeColumns(bytes: Uint8Array): ResultColumns {
  // Views of numbers need their own alignment, which only a buffer of its own has for certain.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const wordCount = Math.floor(whole.byteLength / 4);
  const words = new Uint32Array(whole.buffer, whole.byteOffset, wordCount);
  if (words[0] !== magic) throw new StoreError('INTERNAL', 'the bytes are not a result');
  const rowCount = words[1] as number;
  const columns: Column[] = [];
  for (let i = 0; i < (words[2] as number); i += 1) {
    const start = headerWords + i * columnWords;
    columns.push(decodeColumn(whole, words.subarray(start, start + columnWords), rowCount));
  }
  return { rowCount, columns };
}

function decodeColumn(bytes: Uint8Array, head: Uint32Array, rowCount: number): Column {
  const [kind, flags, nameAt, nameBytes, tagsAt, numbersAt, offsetsAt, textsAt, textsBytes] =
    head as unknown as number[] as Head;
  const at = bytes.byteOffset;
  const name = utf8.decode(bytes.subarray(nameAt, nameAt + nameBytes));
  const numbers = numbersAt ? new Float64Array(bytes.buffer, at + numbersAt, rowCount) : noNumbers;
  const texts = offsetsAt
    ? splitTexts(
        utf8.decode(bytes.subarray(textsAt, textsAt + textsBytes)),
        new Uint32Array(bytes.buffer, at + offsetsAt, rowCount + 1),
      )
    : noTexts;
  const isJson = kind === Kind.Json;
  // Booleans and sets are the only numbers and texts that need another form.
  const isBool = kind === Kind.Bool;
  if (flags === Tag.Number + 1 && !isBool) return { name, isJson, values: numbers };
  if (flags === Tag.Text + 1) return { name, isJson, values: texts };
  const tags = tagsAt ? bytes.subarray(tagsAt, tagsAt + rowCount) : undefined;
  const values = new Array<unknown>(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    const tag = tags ? tags[row] : flags - 1;
    if (tag === Tag.Text) values[row] = texts[row];
    else if (tag === Tag.Number) values[row] = isBool ? numbers[row] !== 0 : numbers[row];
    else if (tag === Tag.Int64) values[row] = BigInt(texts[row] as string);
    else if (tag === Tag.Blob) values[row] = bytesOfHex(texts[row] as string);
    else values[row] = null;
  }
  return { name, isJson, values };
}

type Head = [number, number, number, number, number, number, number, number, number];
const noNumbers = new Float64Array(0);
const noTexts: string[] = [];

/** One decoding for the whole column, then cuts: a call for each text costs ten times as much. */
function splitTexts(all: string, offsets: Uint32Array): string[] {
  const count = offsets.length - 1;
  const texts = new Array<string>(count);
  let start = 0;
  for (let row = 0; row < count; row += 1) {
    const end = offsets[row + 1] as number;
    texts[row] = all.slice(start, end);
    start = end;
  }
  return texts;
}

function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}
