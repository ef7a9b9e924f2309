/** From raw frames to readings: reads the inbox in order, decodes, checks, stores and announces. */
export * from './sources/index.ts';
