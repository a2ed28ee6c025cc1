/** Budgets of which none bounds anything. */
export const NO_LIMITS = {
  segmentsPerReplyMax: 0,
  segmentsPerSenderHourMax: 0,
  segmentsPerSenderDayMax: 0,
  segmentsPerDayMax: 0,
  repliesPerSenderMinuteMax: 0,
};
