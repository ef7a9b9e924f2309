import { language } from './language.ts';

/** A text, or two where the count `{n}` decides. `{name}` marks what is filled in. */
export type Message = string | { one: string; other: string };
/** The shape a translation must have: every key of the Dutch catalogue, no more. */
export type Translation<C> = { readonly [K in keyof C]: Message };

type TextOf<M> = M extends string ? M : M extends { other: infer O } ? O : never;
type NamesIn<S> = S extends `${string}{${infer N}}${infer Rest}` ? N | NamesIn<Rest> : never;
type Values<M> = { [K in NamesIn<TextOf<M>>]: string | number };
type Arguments<M> = [NamesIn<TextOf<M>>] extends [never] ? [] : [values: Values<M>];

export type Translate<C> = <K extends keyof C>(key: K, ...values: Arguments<C[K]>) => string;

/**
 * Makes the text function of a catalogue. A missing key, a missing translation and a missing value are type errors.
 * Reading it inside a component or computed follows the language switch.
 */
export function defineMessages<const C extends Record<string, Message>>(nl: C, en: Translation<C>): Translate<C> {
  return (key, ...values) => {
    const chosen = language.value;
    const message: Message = (chosen === 'en' ? en : nl)[key];
    const filled = (values[0] ?? {}) as Record<string, string | number>;
    const text = typeof message === 'string' ? message : message[pluralOf(chosen, Number(filled['n']))];
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = filled[name] ?? '';
      return typeof value === 'number' ? value.toLocaleString(chosen) : value;
    });
  };
}

function pluralOf(chosen: string, count: number): 'one' | 'other' {
  return new Intl.PluralRules(chosen).select(count) === 'one' ? 'one' : 'other';
}
