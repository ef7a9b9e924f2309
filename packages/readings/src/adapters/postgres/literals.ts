/*
 * Array literals as PostgreSQL reads them (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). The driver
 * would quote and escape each number by itself, which takes longer than the server takes to store them.
 */

/** Writes numbers; NaN stands for NULL. */
export function numbersLiteral(numbers: ArrayLike<number>): string {
  let text = '{';
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    text += i === 0 ? '' : ',';
    text += Number.isNaN(number) ? 'NULL' : String(number);
  }
  return `${text}}`;
}

/** Writes texts that `toStoredText` made fit. */
export function textsLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
