// Words for moments, the same in every list.

/** The time today, else date and time. */
export function timeWords(date: Date): string {
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return new Date().toDateString() === date.toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}
