import { expect, test } from 'vitest';
import { FAULT_MIXES, readFaultMix } from './mixes.ts';
import { FAULT_NAMES } from './model.ts';

test('a mix is a name, or faults with factors', () => {
  expect(readFaultMix('none')).toEqual({ ok: true, value: {} });
  expect(readFaultMix('city')).toEqual({ ok: true, value: FAULT_MIXES['city'] });
  expect(readFaultMix('loss, spike=3,int8=0.5')).toEqual({ ok: true, value: { loss: 1, spike: 3, int8: 0.5 } });
});

test('a word that is no fault, and a factor that is no number, are named', () => {
  for (const word of ['lost', 'spike=many', 'spike=-1', ''])
    expect(readFaultMix(`loss,${word}`)).toEqual({ ok: false, word });
});

test('the mixes hold known faults only; "all" and "hard" hold every one', () => {
  for (const mix of Object.values(FAULT_MIXES))
    for (const name of Object.keys(mix)) expect(FAULT_NAMES).toContain(name);
  for (const name of ['all', 'hard']) expect(Object.keys(FAULT_MIXES[name]!).sort()).toEqual([...FAULT_NAMES].sort());
});
