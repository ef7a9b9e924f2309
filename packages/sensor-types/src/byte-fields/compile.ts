import { readFileSync } from 'node:fs';
import { sizeOf } from './schema.ts';
import type { Field, Fields, Frame } from './schema.ts';

const DECODER = readFileSync(new URL('./decoder.js', import.meta.url), 'utf8');

/** Writes the codec of a table of byte fields: it runs in the sandbox like any other. */
export function compileFields({ endian, frames }: Fields): string {
  const spec = frames.map((frame) => compileFrame(frame, frame.endian ?? endian));
  return `var SPEC = ${JSON.stringify(spec)};\n${DECODER}`;
}

function compileFrame({ ports, length, when, fields, tlv }: Frame, endian: 'big' | 'little'): Record<string, unknown> {
  const compile = (field: Field) => compileField(field, endian);
  return {
    ports,
    length,
    when,
    fields: fields.map(compile),
    tlv: tlv && {
      idBytes: tlv.idBytes,
      lengthByte: tlv.lengthByte,
      items: Object.fromEntries(
        tlv.items.map((item) => [item.id, { size: itemSize(item.fields), fields: item.fields.map(compile) }]),
      ),
    },
  };
}

function compileField(field: Field, endian: 'big' | 'little'): Record<string, unknown> {
  const { name, at, type, bits, sentinel, when, optional, skip, value, scale = 1, add = 0 } = field;
  return {
    name,
    at,
    type,
    bits,
    when,
    value,
    sentinel,
    map: field.map ?? (type === 'bool' ? { 0: false, 1: true } : undefined),
    size: sizeOf(field),
    little: (field.endian ?? endian) === 'little',
    signed: type.startsWith('i') || undefined,
    optional: optional || undefined,
    skip: skip || undefined,
    scale,
    add,
  };
}

/** Bytes of an item's value: up to where its last field ends. */
export function itemSize(fields: readonly Field[]): number {
  let next = 0;
  let end = 0;
  for (const field of fields) {
    next = (field.at ?? next) + (field.value === undefined ? sizeOf(field) : 0);
    end = Math.max(end, next);
  }
  return end;
}
