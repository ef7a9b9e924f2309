import { theme } from '../theme.ts';
import { ROUND_COLOURS } from './drawings.ts';

/** Gives the colour of a round's line on the paper of the theme in force; read inside an effect, it follows the theme. */
export function roundColour(index: number): string {
  const colours = ROUND_COLOURS[theme.value === 'nacht' ? 'dark' : 'light'];
  return colours[index % colours.length] as string;
}
