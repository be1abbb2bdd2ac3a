/** What a handler logs last. Its pipe to the log is written at once, so that a process that is killed afterwards has said it. */
export const completed = "completed";
