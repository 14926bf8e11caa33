// How much time is left, by the rule of engine/time/urgency.py; moments are seconds since 1970.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// The city's clock has no summer time.
const SHANGHAI = 8 * HOUR;
const MOST_DAYS_WITH_HOURS = 3;

export const dayOf = (at) => Math.floor((at + SHANGHAI) / DAY);

// The step and the words of a mark at a moment; null where only the server can count.
// `until` is the rule and the due moment as the page has them, `counting` what the whole page has.
export function leftAt(until, now, { made, workdays, words }) {
  const rule = until[0];
  const due = Number(until.slice(1));
  const say = (word, ...values) => values.reduce((text, value) => text.replace("{}", value), words[word][values[0] === 1 ? 0 : 1]);
  if (now >= due) return { step: "overdue", words: say("over", inWords(now - due, say)) };
  const step = dayOf(now) === dayOf(due) ? "near" : "";
  if (rule === "o") return null;
  if (rule === "d") {
    const [from, to] = [dayOf(now) - dayOf(made) + 1, dayOf(due) - dayOf(made) + 1];
    if (from < 1 || to > workdays.length) return null;
    const days = [...workdays.slice(from, to)].filter((each) => each === "1").length;
    if (days) return { step, words: say("left", say("workdays", days)) };
  }
  return { step, words: say("left", inWords(due - now, say)) };
}

// The longer it is, the coarser the text.
function inWords(length, say) {
  const days = Math.floor(length / DAY);
  const hours = Math.floor((length % DAY) / HOUR);
  const minutes = Math.floor((length % HOUR) / MINUTE);
  if (days > MOST_DAYS_WITH_HOURS || (days && !hours)) return say("days", days);
  if (days) return `${say("days", days)} ${say("hours", hours)}`;
  if (hours) return minutes ? `${say("hours", hours)} ${say("minutes", minutes)}` : say("hours", hours);
  return say("minutes", Math.max(1, minutes));
}
