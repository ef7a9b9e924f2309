/** Sensor types as folders: manifest, codec in a sandbox, mapping to canonical values, encoder for the simulator. */
export * from './open-sensor-types.ts';
export { BUILT_IN_TYPES, openEncoders } from './open-encoders.ts';
export type { Encoders } from './open-encoders.ts';
export * from './encode-values.ts';
export * from './fill-from-distance.ts';
export { loadTypes, readFolder } from './load-types.ts';
export type { LoadedTypes } from './load-types.ts';
export type { LoadedType } from './read-type.ts';
export { typeFromFiles } from './type-from-files.ts';
export type { Manifest, Measurement, QualityRule, Downlinks } from './manifest.ts';
export type { Example } from './examples.ts';
export type { Normalised, PlainValue } from './normalise.ts';
export { openSandbox } from './sandbox.ts';
export type { CodecInput, DecodeResult, Routine, Sandbox, SandboxOptions } from './sandbox.ts';
export * from './cli/decode-once.ts';
export * from './cli/check-codecs.ts';
export * from './cli/check-normalise.ts';
