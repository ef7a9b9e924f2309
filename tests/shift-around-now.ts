/** A shift that began within the last two hours and goes on for most of a day: one that ends at midnight leaves no time late in the evening. */
export function shiftAroundNow(): { from: string; to: string } {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Amsterdam', hour: '2-digit', hourCycle: 'h23' });
  const hour = Number(format.format(Date.now()));
  const clock = (at: number): string => `${String((at + 24) % 24).padStart(2, '0')}:00`;
  return { from: clock(hour - 1), to: clock(hour - 2) };
}
